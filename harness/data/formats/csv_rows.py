"""All rows of a CSV file of images in a tree, dealt out to the splits that use them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from harness.data.arrays import SPLITS, Images, Labels
from harness.data.formats.array_files import SUFFIXES as ARRAYS
from harness.data.formats.csv_header import LONGEST_HEADER, column_names, read_columns
from harness.data.formats.fer_rows import RowParser
from harness.data.formats.layout import split_named
from harness.data.formats.reader import Progress
from harness.data.images import SUFFIXES as IMAGES
from harness.data.trees import Tree
from harness.errors import DataError

# Files that are known by their names wherever they lie, and what may be the data in their stead.
FER2013 = ("fer2013.csv", "icml_face_data.csv")
CHALLENGE = "train.csv"
NEEDED = {"emotion", "pixels"}
OTHERS = (*IMAGES, *ARRAYS, ".parquet")
BLOCK = 1 << 20  # bytes read at a time: the working copies stay in the processor's cache


@dataclass
class Rows:
    """What was read so far: blocks of images and labels of each split.

    ``in_order`` says that no row of a split came after one of a later split.
    """

    images: dict[str, list[Images]] = field(default_factory=lambda: {name: [] for name in SPLITS})
    labels: dict[str, list[Labels]] = field(default_factory=lambda: {name: [] for name in SPLITS})
    in_order: bool = True

    def add(self, usages: list[str], labels: list[int], images: Images) -> None:
        """Deal a block out to the splits, keeping the order of rows."""
        of_row = np.array(usages)
        places = [SPLITS.index(usage) for usage in usages]
        reached = max(place for place, name in enumerate(SPLITS) if self.labels[name] or not place)
        self.in_order &= places == sorted(places) and places[0] >= reached
        for split in set(usages):
            chosen = of_row == split
            self.images[split].append(images if chosen.all() else images[chosen])
            self.labels[split].append(np.array(labels, np.int64)[chosen])

    def joined(self, split: str) -> tuple[Images, Labels]:
        """Return one split, giving up its blocks."""
        return np.concatenate(self.images.pop(split)), np.concatenate(self.labels.pop(split))


def headers(tree: Tree) -> Iterator[tuple[str, list[str]]]:
    """Give each CSV file that lies in no folder of the tree, with the names of its columns.

    Where none has emotions and pixels, and there is nothing else that could be the data, give those
    in folders, too, that have the name of a known one, or of a split beside ``train.csv``: a README
    or FER+'s votes may lie above them.
    """
    every = tree.with_suffix(".csv")
    found = []
    for name in (name for name in every if "/" not in name):
        try:
            found.append((name, columns_of(tree, name)))
        except DataError:
            # Beside images, a table that cannot be read is in nobody's way.
            if name.lower() in (*FER2013, CHALLENGE) or not tree.with_suffix(*OTHERS):
                raise
    yield from found
    if not any(set(columns) >= NEEDED for _, columns in found) and not tree.with_suffix(*OTHERS):
        for name in every:
            if "/" in name and _is_known(PurePosixPath(name.lower()), every):
                yield name, columns_of(tree, name)


def _is_known(path: PurePosixPath, every: Collection[str]) -> bool:
    if path.name in (*FER2013, CHALLENGE):
        return True
    beside = str(path.with_name(CHALLENGE))
    return is_held_out(path.stem) and any(name.lower() == beside for name in every)


def is_held_out(stem: str) -> bool:
    """Whether a file's name, without its suffix, is that of the split valid or test."""
    return split_named(stem) in ("valid", "test")


def columns_of(tree: Tree, name: str) -> list[str]:
    """Return the names of a CSV file's columns."""
    with tree.open(name) as stream:
        return column_names(stream.readline(LONGEST_HEADER))


def read_rows(tree: Tree, name: str, progress: Progress) -> Rows:
    """Read one CSV file; without a column Usage all rows are for "train"."""
    rows, done = Rows(), 0
    with tree.open(name) as stream:
        header = stream.readline(LONGEST_HEADER)
        parser = RowParser(tree.where(name), read_columns(header, tree.where(name)))
        done += len(header)
        while lines := stream.readlines(BLOCK):
            for block in parser.parse(lines):
                rows.add(*block)
            done += sum(map(len, lines))
            progress(done, tree.sizes[name])
    return rows
