"""Reads FER-2013's CSV files: a row is an emotion, its pixels and the split that uses it."""

from pathlib import PurePosixPath

from harness.data import published
from harness.data.arrays import SPLITS, count_classes
from harness.data.formats.csv_rows import FER2013, NEEDED, headers, read_rows
from harness.data.formats.reader import Options, Prepared, Progress
from harness.data.trees import Tree
from harness.errors import DataError


class FerCsv:
    """Reads ``fer2013.csv`` and ``icml_face_data.csv``, whatever the order of columns and rows."""

    summary = "fer2013.csv or icml_face_data.csv (columns emotion, pixels, Usage)"
    heeds: frozenset[str] = frozenset()

    def recognises(self, tree: Tree) -> bool:
        """Whether there is a CSV file with these columns, or one named like FER-2013's."""
        return bool(_candidates(tree))

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all rows, parting them by their usage."""
        name = _chosen(tree)
        rows = read_rows(tree, name, progress)
        for split, usage in published.USAGES.items():
            if not rows.labels[split]:
                raise DataError(
                    f"{tree.where(name)} has no row whose Usage is {usage}, expected rows of all "
                    f"three ({', '.join(published.USAGES.values())}); it may be cut off: fetch it "
                    "again"
                )
        arrays = {split: rows.joined(split) for split in SPLITS}
        counts = {split: count_classes(arrays[split][1], published.CLASSES) for split in SPLITS}
        return Prepared(
            arrays,
            published.CLASSES,
            tree.source("fer2013-csv", name),
            published.differences(counts),
            in_order=rows.in_order,
        )


def _chosen(tree: Tree) -> str:
    """Return the file to read; raises `DataError` where several may be meant."""
    names = _candidates(tree)
    known = [name for name in names if _is_known(name)]
    if len(names) > 1 and len(known) != 1:
        raise DataError(
            f"{tree.path} holds {', '.join(names)}, expected a single CSV file with emotions, "
            f"pixels and Usage, or one named {' or '.join(FER2013)}; give the file that you mean"
        )
    return names[0] if len(names) == 1 else known[0]


def _candidates(tree: Tree) -> list[str]:
    """Return the files to choose from; of a lone one without labels it is then said what is wrong.

    It counts only where no file has labels.
    """
    whole, doubtful = [], []
    for name, columns in headers(tree):
        if {"emotion", "pixels", "usage"} <= set(columns):
            whole.append(name)
        elif not set(columns) >= NEEDED and (tree.is_file or _is_known(name)):
            doubtful.append(name)
    return whole or doubtful[-1:]


def _is_known(name: str) -> bool:
    return PurePosixPath(name.lower()).name in FER2013
