"""Reads image files in a folder for each class, with or without folders for the splits."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from pathlib import PurePosixPath

import numpy as np

from harness.data.arrays import Images
from harness.data.class_names import canonical, number_classes
from harness.data.formats.layout import Layout, lay_out, split_named
from harness.data.formats.pool import Pool, check_request, deal
from harness.data.formats.reader import CARVING, DRAWING, Options, Prepared, Progress
from harness.data.images import SUFFIXES, Decoder, stack
from harness.data.printable import printable
from harness.data.trees import Tree
from harness.errors import DataError

Place = tuple[str, ...]  # of a folder: its name after those of the folders that it lies in


class ClassFolders:
    """Reads JPEG, PNG and other images; the rows of each split are sorted by the files' names."""

    summary = "image files in a folder for each class (CLASS/FILE or SPLIT/CLASS/FILE)"
    heeds = CARVING | DRAWING

    def recognises(self, tree: Tree) -> bool:
        """Whether there are image files in a folder or an archive."""
        return not tree.is_file and bool(tree.with_suffix(*SUFFIXES))

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Decode all images; what their names lack is found before any is decoded."""
        names = tree.with_suffix(*SUFFIXES)
        # A folder that holds all the rest may be that of a split.
        layout = lay_out([tree.top + name for name in names], tree.name)
        filled = {_folders(tree, name)[: layout.depth + 1] for name in names}
        _refuse_lost(tree, filled, layout)
        check_request(layout.splits, options, printable(tree.name))
        classes, numbers = number_classes(set(layout.classes))
        pool = Pool(
            stack(_pictures(tree, names, Decoder(options.size, options.channels), progress)),
            np.array([numbers[name] for name in layout.classes], np.int64),
            classes,
            layout.splits,
            names,
        )
        warnings = (*layout.warnings, *_left_out(tree, names, filled))
        return deal(pool, tree.source("class-folders"), options, warnings)


def _refuse_lost(tree: Tree, filled: Set[Place], layout: Layout) -> None:
    """Raise `DataError` for a class or a split of which no image can be read."""
    beside = {folders[:-1] for folders in filled}
    above = {folders[:-1] for folders in beside} if layout.by_split else set()
    known = {canonical(name) for name in layout.classes}
    for folder in sorted(tree.folders):
        place = tuple(folder.split("/"))
        is_class = place[:-1] in beside and canonical(place[-1]) not in known
        is_split = place[:-1] in above and split_named(place[-1]) is not None
        if (is_class and place not in filled) or (is_split and place not in beside):
            raise DataError(
                f"{tree.name}/{folder} holds {_found_in(tree, folder)}, expected images as in the "
                "folders beside it, without which it would be missing from the data set; convert "
                "what it holds to PNG or JPEG, or remove the folder"
            )


def _left_out(tree: Tree, names: Sequence[str], filled: Set[Place]) -> tuple[str, ...]:
    """Say how many files in the folders of classes are no images by their names."""
    beside = {folders[:-1] for folders in filled}
    depth = len(next(iter(beside)))
    found = _counted(
        name
        for name in tree.sizes.keys() - set(names)
        if len(place := _folders(tree, name)) > depth and place[:depth] in beside
    )
    if not found:
        return ()
    return (
        f"{tree.name}: left out of the class folders is what is no image by its name ({found}); if "
        "some are, convert them",
    )


def _folders(tree: Tree, name: str) -> Place:
    return tuple((tree.top + name).split("/")[:-1])


def _found_in(tree: Tree, folder: str) -> str:
    if folder.removeprefix(tree.top) in tree.sizes:
        return "nothing, since it is a link that leads nowhere, or lies in a .zip archive"
    within = [name for name in tree.sizes if f"{tree.top}{name}".startswith(f"{folder}/")]
    return f"no image that can be read ({_counted(within)})" if within else "nothing"


def _counted(names: Iterable[str]) -> str:
    """Return how many files there are of each suffix."""
    suffixes = Counter(PurePosixPath(name).suffix.lower() or "no suffix" for name in names)
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(suffixes.items()))


def _pictures(
    tree: Tree, names: Sequence[str], decoder: Decoder, progress: Progress
) -> list[Images]:
    """Decode in the order of reading, and return in the order of ``names``."""
    total, done, pictures = sum(tree.sizes[name] for name in names), 0, {}
    for name, content in tree.read(names):
        pictures[name] = decoder.decode(tree.where(name), content)
        done += len(content)
        progress(done, total)
    return [pictures[name] for name in names]
