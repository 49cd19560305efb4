"""Reads ``.npy`` and ``.npz`` files, whatever their arrays are called."""

import io
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

import numpy as np
from pydantic import ValidationError

from harness.data.arrays import (
    SPLITS,
    Labels,
    Unchecked,
    check_classes,
    check_same_shape,
    check_split,
)
from harness.data.class_names import CLASS_NAMES, read_names, unnamed_classes
from harness.data.damage import DAMAGE
from harness.data.formats.array_names import ROLES, assign, parted, role_of
from harness.data.formats.pool import Pool, deal
from harness.data.formats.reader import CARVING, Options, Prepared, Progress
from harness.data.images import SUFFIXES as IMAGES
from harness.data.printable import printable
from harness.data.trees import Tree, open_tree
from harness.data.writing import AUDITED, MANIFEST
from harness.errors import DataError
from harness.schema import Manifest, explain

SUFFIXES = (".npy", ".npz")


class ArrayFiles:
    """Reads images and labels by split; arrays called otherwise are named by the user."""

    summary = ".npy or .npz files (train_images, train_labels, …; other names by --array)"
    heeds = CARVING | {"arrays"}

    def recognises(self, tree: Tree) -> bool:
        """Whether there are arrays: all six by their names, or no images that they may describe."""
        if not _own(tree.with_suffix(*SUFFIXES)):
            return False
        return not _own(tree.with_suffix(*IMAGES)) or _is_whole(tree)

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read the arrays that are used, and no others; raises `DataError` that lists all."""
        names = _listed(tree)
        if not names:
            raise DataError(f"{tree.path} holds no arrays; write it again by numpy.savez")
        chosen = assign(names, options.arrays, tree.name)
        arrays = _by_split(_loaded(tree, chosen, progress), tree.name)
        labels = {split: pair[1].astype(np.int64) for split, pair in arrays.items()}
        classes, warnings = _classes(tree, _files(chosen), labels)
        check_classes(classes, labels, tree.name)
        pool = Pool(
            np.concatenate([images for images, _ in arrays.values()]),
            np.concatenate(list(labels.values())),
            classes,
            [split for split, values in labels.items() for _ in values],
        )
        return deal(pool, tree.source("arrays"), options, warnings)


def _by_split(
    arrays: Mapping[str, Unchecked], where: str
) -> dict[str, tuple[Unchecked, Unchecked]]:
    """Pair images with labels, which may be a column; raises `DataError` where they do not fit."""
    pairs = {}
    for split in SPLITS:
        if f"{split}_images" in arrays:
            images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
            if labels.ndim == 2 and labels.shape[1] == 1:
                labels = labels[:, 0]
            check_split(split, images, labels, where)
            pairs[split] = (images, labels)
    check_same_shape({split: images.shape[1:] for split, (images, _) in pairs.items()}, where)
    return pairs


def _own(names: Iterable[str]) -> list[str]:
    """Leave out what an audit left beside the arrays."""
    return [name for name in names if PurePosixPath(name).name not in AUDITED]


def _files(chosen: Mapping[str, str]) -> list[str]:
    """Return the files that hold the arrays."""
    return sorted({parted(name)[0] for name in chosen.values()})


def _listed(tree: Tree) -> list[str]:
    """Return ``a.npy`` and ``b.npz:key`` for all arrays."""
    names = []
    for name in _own(tree.with_suffix(*SUFFIXES)):
        if name.lower().endswith(".npy"):
            names.append(name)
        else:
            with _npz(tree, name) as archive:
                names += [f"{name}:{key}" for key in archive.files]
    return names


def _is_whole(tree: Tree) -> bool:
    """Whether arrays at the top have all six roles; images beside them are pictures of them."""
    try:
        return {role_of(name) for name in _listed(tree) if "/" not in name} >= set(ROLES)
    except DataError:  # What is damaged may lie beside images.
        return False


def _npz(tree: Tree, name: str) -> "np.lib.npyio.NpzFile":
    loaded = _load(tree, name)
    if isinstance(loaded, np.ndarray):
        raise DataError(
            f"{tree.where(name)} is a single array, expected an archive of arrays; name it .npy"
        )
    return loaded


def _load(tree: Tree, name: str) -> "Unchecked | np.lib.npyio.NpzFile":
    with tree.open(name) as stream:
        content = io.BytesIO(stream.read())
    try:
        loaded: Unchecked = np.load(content, allow_pickle=False)
    except DAMAGE as error:
        raise _unreadable(tree.where(name), error) from error
    return loaded


def _unreadable(where: str, error: Exception) -> DataError:
    found = " ".join(str(error).split())
    return DataError(
        f"{where} cannot be read as arrays of numbers ({found}); it may be cut off, damaged or "
        "hold Python objects: write it again by numpy.save or numpy.savez"
    )


def _loaded(tree: Tree, chosen: Mapping[str, str], progress: Progress) -> dict[str, Unchecked]:
    """Return the arrays by their roles, opening each file once."""
    arrays: dict[str, Unchecked] = {}
    files = _files(chosen)
    total, done = sum(tree.sizes[file] for file in files), 0
    for file in files:
        loaded = _load(tree, file)
        for role, name in chosen.items():
            if parted(name)[0] == file:
                arrays[role] = _member(loaded, name, tree)
        done += tree.sizes[file]
        progress(done, total)
    return arrays


def _member(loaded: "Unchecked | np.lib.npyio.NpzFile", name: str, tree: Tree) -> Unchecked:
    if isinstance(loaded, np.ndarray):
        return loaded
    try:
        member: Unchecked | bytes = loaded[parted(name)[1]]
    except DAMAGE as error:
        raise _unreadable(tree.where(name), error) from error
    if isinstance(member, bytes):
        raise DataError(
            f"{tree.where(name)} is no array, expected one that numpy.savez has written"
        )
    return member


def _classes(
    tree: Tree, files: Collection[str], labels: Mapping[str, Labels]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that are given, else FER-2013's if there are seven, else numbers."""
    given = _listed_classes(tree, files)
    if given is None:
        given = _manifest_classes(tree, files)
    if given is not None:
        return given, ()
    return unnamed_classes(labels, tree.name, printable(tree.name))


def _listed_classes(tree: Tree, files: Collection[str]) -> tuple[str, ...] | None:
    """Return the names in the ``classes.txt`` of the arrays; raises `DataError` for several."""
    if tree.is_file:
        path = tree.path.with_name(CLASS_NAMES)
        if not path.is_file():
            return None
        with open_tree(path) as beside:
            return _lines(beside, CLASS_NAMES)
    found = sorted({name for file in files if (name := _nearest(tree, file))})
    if len(found) > 1:
        raise DataError(
            f"{tree.name} holds {' and '.join(found)} for arrays of one data set, expected a "
            f"single {CLASS_NAMES}; remove the others"
        )
    return _lines(tree, found[0]) if found else None


def _nearest(tree: Tree, file: str) -> str | None:
    """Return the name of the ``classes.txt`` in the file's folder, or the nearest folder above."""
    places = (str(folder / CLASS_NAMES) for folder in PurePosixPath(file).parents)
    return next((place for place in places if place in tree.sizes), None)


def _lines(tree: Tree, name: str) -> tuple[str, ...]:
    with tree.open(name) as stream:
        return read_names(stream.read())


def _manifest_classes(tree: Tree, files: Collection[str]) -> tuple[str, ...] | None:
    """Return the names in the manifest if all arrays lie beside one, as in a prepared data set."""
    places = {str(PurePosixPath(file).with_name(MANIFEST)) for file in files}
    if len(places) > 1 or (place := places.pop()) not in tree.sizes:
        return None
    with tree.open(place) as stream:
        content = stream.read()
    try:
        return Manifest.model_validate_json(content).classes
    except ValidationError as error:
        raise DataError(
            f"{tree.where(place)} is no valid manifest: {explain(error)}; remove it, or name the "
            f"classes in {CLASS_NAMES} beside the arrays, one a line"
        ) from error
