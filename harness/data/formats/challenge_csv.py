"""Reads the challenge's ``train.csv``: emotions and pixels, of which no row says who uses it."""

from pathlib import PurePosixPath

import numpy as np

from harness.data import published
from harness.data.arrays import count_classes
from harness.data.carve import Shares, complete
from harness.data.formats.csv_rows import CHALLENGE, gather, headers
from harness.data.formats.reader import CARVING, Options, Prepared, Progress
from harness.data.trees import Tree
from harness.errors import DataError


class ChallengeCsv:
    """Reads a CSV file with the columns emotion and pixels, and carves ``valid`` and ``test``."""

    summary = "the challenge's train.csv (columns emotion, pixels)"
    heeds = CARVING

    def recognises(self, tree: Tree) -> bool:
        """Whether there is a CSV file with labels but without Usage."""
        return bool(_labelled(tree))

    def read(self, tree: Tree, options: Options, progress: Progress) -> Prepared:
        """Read all rows, then set some apart."""
        shares = Shares(options.valid_share, options.test_share, options.seed)
        name = _chosen(tree)
        gathered = gather(tree, name, progress)
        if not gathered.labels["train"]:
            raise DataError(
                f"{tree.where(name)} has no rows, expected one an image; it may be cut off: fetch "
                "it again"
            )
        images, labels = gathered.joined("train")
        lacking = _lacking(tree, name)
        everything = {"train": np.arange(len(labels))}
        rows, warnings = complete(everything, labels, published.CLASSES, shares, lacking)
        counts = {"train": count_classes(labels, published.CLASSES)}
        expected = {"train": published.COUNTS["train"]}
        return Prepared(
            {split: (images[chosen], labels[chosen]) for split, chosen in rows.items()},
            published.CLASSES,
            tree.source("challenge-csv", name),
            (*warnings, *published.differences(counts, expected)),
        )


def _labelled(tree: Tree) -> list[str]:
    return [name for name, columns in headers(tree) if {"emotion", "pixels"} <= set(columns)]


def _chosen(tree: Tree) -> str:
    names = _labelled(tree)
    trains = [name for name in names if PurePosixPath(name).name == CHALLENGE]
    if len(names) > 1 and len(trains) != 1:
        raise DataError(
            f"{tree.path} holds {', '.join(names)}, expected a single CSV file with emotions and "
            "pixels, or one named train.csv; give the file that you mean"
        )
    return names[0] if len(names) == 1 else trains[0]


def _lacking(tree: Tree, name: str) -> str:
    """Say what the file lacks, and that the images of ``test.csv`` have no labels."""
    if tree.is_file:
        beside = tree.path.with_name("test.csv").is_file()
    else:
        beside = PurePosixPath(name).with_name("test.csv").as_posix() in tree.sizes
    unlabelled = " and test.csv has no labels" if beside else ""
    return f"{tree.where(name)} has no column Usage{unlabelled}"
