"""Reads ``.npy`` and ``.npz`` files, whatever their arrays are called."""

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from harness.data import published
from harness.data.arrays import (
    SPLITS,
    Labels,
    Unchecked,
    check_classes,
    check_same_shape,
    check_split,
    count_classes,
)
from harness.data.formats.array_names import assign
from harness.data.formats.pool import Pool, deal
from harness.data.formats.reader import CARVING, Options, Prepared, Progress
from harness.data.images import SUFFIXES as IMAGES
from harness.data.trees import Tree
from harness.errors import DataError

SUFFIXES = (".npy", ".npz")
CLASS_NAMES = "classes.txt"
# A label above this is taken for a mistake, unless the classes are named.
MOST_UNNAMED_CLASSES = 10_000
DAMAGE = (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile, zlib.error)


class ArrayFiles:
    """Reads images and labels by split; arrays called otherwise are named by the user."""

    summary = ".npy or .npz files (train_images, train_labels, …; other names by --array)"
    heeds = CARVING | {"arrays"}

    def recognises(self, tree: Tree) -> bool:
        """Whether there are files named like arrays, and no images that they may describe."""
        return bool(tree.with_suffix(*SUFFIXES)) and not tree.with_suffix(*IMAGES)

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read the arrays that are used, and no others; raises `DataError` that lists all."""
        names = _listed(tree)
        if not names:
            raise DataError(f"{tree.path} holds no arrays; write it again by numpy.savez")
        chosen = assign(names, options.arrays, tree.name)
        arrays = _by_split(_loaded(tree, chosen, progress), tree.name)
        labels = {split: pair[1].astype(np.int64) for split, pair in arrays.items()}
        classes, warnings = _classes(tree, labels)
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


def _listed(tree: Tree) -> list[str]:
    """Return ``a.npy`` and ``b.npz:key`` for all arrays."""
    names = []
    for name in tree.with_suffix(*SUFFIXES):
        if name.lower().endswith(".npy"):
            names.append(name)
        else:
            with _npz(tree, name) as archive:
                names += [f"{name}:{key}" for key in archive.files]
    return names


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
    return DataError(
        f"{where} cannot be read as arrays of numbers ({error}); it may be cut off, damaged or "
        "hold Python objects: write it again by numpy.save or numpy.savez"
    )


def _loaded(tree: Tree, chosen: Mapping[str, str], progress: Progress) -> dict[str, Unchecked]:
    """Return the arrays by their roles, opening each file once."""
    arrays: dict[str, Unchecked] = {}
    files = sorted({name.partition(":")[0] for name in chosen.values()})
    total, done = sum(tree.sizes[file] for file in files), 0
    for file in files:
        loaded = _load(tree, file)
        for role, name in chosen.items():
            if name.partition(":")[0] == file:
                arrays[role] = _member(loaded, name, tree)
        done += tree.sizes[file]
        progress(done, total)
    return arrays


def _member(loaded: "Unchecked | np.lib.npyio.NpzFile", name: str, tree: Tree) -> Unchecked:
    if isinstance(loaded, np.ndarray):
        return loaded
    try:
        member: Unchecked = loaded[name.partition(":")[2]]
    except DAMAGE as error:
        raise _unreadable(tree.where(name), error) from error
    return member


def _classes(tree: Tree, labels: Mapping[str, Labels]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names in ``classes.txt``, else FER-2013's if there are seven, else numbers."""
    if CLASS_NAMES in tree.sizes:
        with tree.open(CLASS_NAMES) as stream:
            lines = stream.read().decode("utf-8-sig", "replace").splitlines()
        return tuple(line.strip() for line in lines if line.strip()), ()
    found = np.unique(np.concatenate(list(labels.values()))).tolist()
    if found == list(range(len(published.CLASSES))):
        return published.CLASSES, _guess(tree.name, labels)
    if found[-1] >= MOST_UNNAMED_CLASSES:
        raise DataError(
            f"{tree.name} holds the label {found[-1]}, expected at most {MOST_UNNAMED_CLASSES - 1} "
            f"where classes have no names; number them from 0, or name them in {CLASS_NAMES}"
        )
    return tuple(str(label) for label in range(found[-1] + 1)), ()


def _guess(where: str, labels: Mapping[str, Labels]) -> tuple[str, ...]:
    counts = {split: count_classes(values, published.CLASSES) for split, values in labels.items()}
    if len(counts) == len(SPLITS) and not published.differences(counts):
        return ()
    return (
        f"{where} does not name its seven classes: they are taken for FER-2013's "
        f"({', '.join(published.CLASSES)}); if they are others, name them in {CLASS_NAMES} beside "
        "the arrays, one a line",
    )
