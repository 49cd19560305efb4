"""Reads FER-2013's CSV files: a row is an emotion, its pixels and the split that uses it."""

from pathlib import PurePosixPath

from harness.data import published
from harness.data.arrays import SPLITS, count_classes
from harness.data.formats.csv_rows import FER2013, gather, headers
from harness.data.formats.reader import Options, Prepared, Progress
from harness.data.trees import Tree
from harness.errors import DataError

USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}


class FerCsv:
    """Reads ``fer2013.csv`` and ``icml_face_data.csv``, whatever the order of columns and rows."""

    summary = "fer2013.csv or icml_face_data.csv (columns emotion, pixels, Usage)"
    heeds: frozenset[str] = frozenset()

    def recognises(self, tree: Tree) -> bool:
        """Whether there is a CSV file with these columns, or one named like FER-2013's."""
        return _chosen(tree) is not None

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all rows, parting them by their usage."""
        name = _chosen(tree) or ""
        gathered = gather(tree, name, progress)
        for split, usage in USAGES.items():
            if not gathered.labels[split]:
                raise DataError(
                    f"{tree.where(name)} has no row whose Usage is {usage}, expected rows of all "
                    f"three ({', '.join(USAGES.values())}); it may be cut off: fetch it again"
                )
        arrays = {split: gathered.joined(split) for split in SPLITS}
        counts = {split: count_classes(arrays[split][1], published.CLASSES) for split in SPLITS}
        return Prepared(
            arrays,
            published.CLASSES,
            tree.source("fer2013-csv"),
            published.differences(counts),
            in_order=gathered.in_order,
        )


def _chosen(tree: Tree) -> str | None:
    """Return the file to read; of a lone CSV file without labels it is then said what is wrong."""
    doubtful = None
    for name, columns in headers(tree):
        if {"emotion", "pixels", "usage"} <= set(columns):
            return name
        known = PurePosixPath(name.lower()).name in FER2013
        if not {"emotion", "pixels"} <= set(columns) and (tree.is_file or known):
            doubtful = name
    return doubtful
