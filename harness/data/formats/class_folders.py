"""Reads image files in a folder for each class, with or without folders for the splits."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from harness.data.arrays import Images
from harness.data.class_names import number_classes
from harness.data.formats.layout import lay_out
from harness.data.formats.pool import Pool, deal
from harness.data.formats.reader import CARVING, DRAWING, Options, Prepared, Progress
from harness.data.images import SUFFIXES, Decoder, stack
from harness.data.trees import Tree


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
        classes, numbers = number_classes(set(layout.classes))
        pool = Pool(
            stack(_pictures(tree, names, Decoder(options.size, options.channels), progress)),
            np.array([numbers[name] for name in layout.classes], np.int64),
            classes,
            layout.splits,
            names,
        )
        warnings = (*layout.warnings, *_left_out(tree, names))
        return deal(pool, tree.source("class-folders"), options, warnings)


def _left_out(tree: Tree, names: Sequence[str]) -> tuple[str, ...]:
    """Say how many files beside the images are no images by their names."""
    folders, images = {PurePosixPath(name).parent for name in names}, set(names)
    others = Counter(
        path.suffix.lower() or "no suffix"
        for path in map(PurePosixPath, tree.sizes)
        if path.parent in folders and str(path) not in images
    )
    if not others:
        return ()
    found = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
    return (
        f"{tree.name}: left out of the class folders is what is no image by its name ({found}); if "
        "some are, convert them",
    )


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
