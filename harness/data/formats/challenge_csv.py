"""Reads the challenge's ``train.csv``: emotions and pixels, of which no row says who uses it."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from harness.data import published
from harness.data.arrays import SPLITS, Images, Labels, count_classes
from harness.data.carve import Shares, complete
from harness.data.formats.csv_header import LONGEST_HEADER, column_names
from harness.data.formats.csv_rows import NEEDED, columns_of, headers, is_held_out, read_rows
from harness.data.formats.layout import split_named
from harness.data.formats.reader import CARVING, Options, Prepared, Progress
from harness.data.places import readable
from harness.data.printable import printable
from harness.data.trees import Tree
from harness.errors import DataError

UNLABELLED = "test.csv"


class ChallengeCsv:
    """Reads CSV files with the columns emotion and pixels, one or one for each split.

    Splits that have none are carved out of ``train.csv``.
    """

    summary = "the challenge's train.csv (columns emotion, pixels), or one such file for each split"
    heeds = CARVING

    def recognises(self, tree: Tree) -> bool:
        """Whether there is a CSV file with labels but without Usage."""
        return bool(_labelled(tree))

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all rows, then set some apart."""
        shares = Shares(options.valid_share, options.test_share, options.seed)
        files = _chosen(tree)
        options.check_carving(files, tree.name)
        parts = {split: _read(tree, name, progress) for split, name in files.items()}
        images, labels = parts.pop("train")
        counts = {"train": count_classes(labels, published.CLASSES)} | {
            split: count_classes(found, published.CLASSES) for split, (_, found) in parts.items()
        }
        expected = {split: published.COUNTS[split] for split in counts}
        # What has a file of its own has no rows of the training images.
        rows = {"train": np.arange(len(labels))} | dict.fromkeys(parts, np.arange(0))
        dealt, warnings = complete(rows, labels, published.CLASSES, shares, _lacking(tree, files))
        return Prepared(
            {
                split: parts[split] if split in parts else (images[chosen], labels[chosen])
                for split, chosen in dealt.items()
            },
            published.CLASSES,
            tree.source("challenge-csv", files["train"] if len(files) == 1 else None),
            (*warnings, *published.differences(counts, expected)),
        )


def _read(tree: Tree, name: str, progress: Progress) -> tuple[Images, Labels]:
    rows = read_rows(tree, name, progress)
    if not rows.labels["train"]:
        raise DataError(
            f"{tree.where(name)} has no rows, expected one an image; it may be cut off: fetch it "
            "again"
        )
    return rows.joined("train")


def _labelled(tree: Tree) -> list[str]:
    return [name for name, columns in headers(tree) if set(columns) >= NEEDED]


def _chosen(tree: Tree) -> dict[str, str]:
    """Return the file of each split that has one; a single file is for training."""
    names = _labelled(tree)
    if len(names) == 1:
        stem = PurePosixPath(names[0]).stem
        if is_held_out(stem):
            raise DataError(
                f"{tree.where(names[0])} has images for {split_named(stem)} by its name but none "
                "to train on, expected train.csv beside it; give the folder that holds both, or "
                "rename the file"
            )
        return {"train": names[0]}
    found = {split_named(PurePosixPath(name).stem): name for name in names}
    if None in found or len(found) < len(names) or "train" not in found:
        raise DataError(
            f"{tree.path} holds {', '.join(names)}, expected a single CSV file with emotions and "
            "pixels, or train.csv, valid.csv and test.csv; give the file that you mean"
        )
    return {split: found[split] for split in SPLITS if split in found}


def _lacking(tree: Tree, files: Mapping[str, str]) -> str:
    """Say what the source lacks, and what becomes of a ``test.csv`` that was not read."""
    if len(files) > 1:
        missing = " and ".join(split for split in SPLITS if split not in files)
        return f"{printable(tree.name)} has no CSV file for {missing}"
    name = files["train"]
    lacking = f"{tree.where(name)} has no column Usage"
    beside = _columns_beside(tree, name)
    labelled = sorted(file for file, columns in beside.items() if set(columns) >= NEEDED)
    if labelled:
        have = "has" if len(labelled) == 1 else "have"
        return (
            f"{lacking} ({' and '.join(labelled)} beside it {have} labels: give the folder to have "
            "all read)"
        )
    return f"{lacking} and {UNLABELLED} has no labels" if UNLABELLED in beside else lacking


def _columns_beside(tree: Tree, name: str) -> dict[str, list[str]]:
    """Return the columns of the CSV files beside one that are named like another split."""
    if tree.is_file:
        with readable(tree.path.parent):
            paths = [path for path in tree.path.parent.glob("*.csv") if is_held_out(path.stem)]
            return {path.name: _columns_in(path) for path in paths if path.is_file()}
    folder = PurePosixPath(name).parent
    files = [PurePosixPath(file) for file in tree.with_suffix(".csv")]
    near = [file for file in files if file.parent == folder and is_held_out(file.stem)]
    return {file.name: columns_of(tree, str(file)) for file in near}


def _columns_in(path: Path) -> list[str]:
    try:
        with path.open("rb") as stream:
            return column_names(stream.readline(LONGEST_HEADER))
    except OSError:  # It is not what is read.
        return []
