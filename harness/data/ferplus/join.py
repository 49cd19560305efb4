"""Joins votes to images by the order of rows, where that is sure to be the official one."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from harness.data import published
from harness.data.arrays import SPLITS, count_classes
from harness.data.class_names import canonical
from harness.data.ferplus.majority import majority
from harness.data.ferplus.table import CLASSES, NAMES
from harness.data.formats.array_files import ArrayFiles
from harness.data.formats.fer_csv import FerCsv
from harness.data.formats.reader import Prepared, Reader
from harness.data.votes import Votes
from harness.errors import DataError

# In the official order, labels and majorities agree on 67.7, 66.8 and 67.0 % of the images of
# train, valid and test; in an order that has nothing to do with it, on some 18 %.
LEAST_AGREEMENT = 0.6
# Of each block of 250 rows they agree on 59.0 % or more; with rows shifted by one, on 24.9 % at
# most.
BLOCK = 250
LEAST_IN_BLOCK = 0.45

Marks = npt.NDArray[np.int64]

ORDERED = (FerCsv, ArrayFiles)
ADVICE = "give fer2013.csv, or the six npy files in its order"
# FER-2013's number of each column of votes; what it has no class for is never a label.
NUMBERS = np.array(
    [
        published.CLASSES.index(canonical(name)) if canonical(name) in published.CLASSES else -1
        for name in NAMES
    ]
)


def check_form(reader: Reader, source: str) -> None:
    """Raise `DataError` for a form of data whose rows come in another order than the official."""
    if not isinstance(reader, ORDERED):
        raise DataError(
            f"--ferplus joins votes to images by the order of rows in fer2013.csv, and {source}, "
            f"read as {reader.summary}, does not keep that order; {ADVICE}"
        )


def join(prepared: Prepared, votes: Votes) -> Prepared:
    """Return ``prepared`` with ``votes``, which are in the order of ``fer2013.csv``.

    Raises `DataError` where usages, counts or classes are not the official ones, or where the
    labels agree with the votes' majority less often than they do in the official order.
    """
    where = prepared.source.name
    if not prepared.in_order:
        raise DataError(
            f"{where} has its rows in another order than fer2013.csv, whose Training, PublicTest "
            f"and PrivateTest rows come one after the other, and votes can only be joined by that "
            f"order; {ADVICE}"
        )
    _check_counts(prepared, where)
    shares = {split: _agreement(prepared, votes, split) for split in SPLITS}
    low = [split for split in SPLITS if shares[split] < LEAST_AGREEMENT]
    if low:
        raise DataError(
            f"{where}: labels agree with the majority of {votes.source.name} on "
            f"{_per_cent(shares[low[0]])} of the {low[0]} images, expected "
            f"{_per_cent(LEAST_AGREEMENT)} at least (some 67 % in the official order, 18 % by "
            f"chance), so the rows are in another order; {ADVICE}"
        )
    for split in SPLITS:
        _check_blocks(prepared, votes, split)
    listed = ", ".join(f"{_per_cent(share)} of {split}" for split, share in shares.items())
    note = (
        f"votes of {votes.source.name} were joined by row; where they have a majority, the label "
        f"agrees with it on {listed}"
    )
    return replace(prepared, votes=votes, notes=(*prepared.notes, note))


def _check_counts(prepared: Prepared, where: str) -> None:
    if prepared.classes != published.CLASSES:
        raise DataError(
            f"{where} has the classes {', '.join(prepared.classes)}, expected FER-2013's "
            f"({', '.join(published.CLASSES)}), to which FER+ has the votes; {ADVICE}"
        )
    counts = {
        split: count_classes(prepared.arrays[split][1], published.CLASSES) for split in SPLITS
    }
    differing = published.differences(counts)
    if differing:
        raise DataError(
            f"{where} is not the official FER-2013, for whose rows FER+ has votes: {differing[0]}; "
            f"{ADVICE}, unchanged"
        )


def _agreement(prepared: Prepared, votes: Votes, split: str) -> float:
    """Return how many labels are the majority, as a share of the images that have a FER+ label."""
    agreeing, judged = _judged(prepared, votes, split)
    return float(agreeing.sum() / max(1, judged.sum()))


def _check_blocks(prepared: Prepared, votes: Votes, split: str) -> None:
    """Raise `DataError` for the first block of rows in which labels and votes disagree."""
    agreeing, judged = _judged(prepared, votes, split)
    starts = np.arange(0, len(judged), BLOCK)
    agree, of = np.add.reduceat(agreeing, starts), np.add.reduceat(judged, starts)
    low = np.flatnonzero(agree < LEAST_IN_BLOCK * of)
    if low.size:
        first = int(starts[low[0]])
        last = min(first + BLOCK, len(judged)) - 1
        raise DataError(
            f"{prepared.source.name}: labels agree with the majority of {votes.source.name} on "
            f"{_per_cent(agree[low[0]] / of[low[0]])} of the {split} images {first} to {last} "
            f"(counted from 0), expected {_per_cent(LEAST_IN_BLOCK)} at least in each {BLOCK}, so "
            f"some rows are in another order; {ADVICE}"
        )


def _judged(prepared: Prepared, votes: Votes, split: str) -> tuple[Marks, Marks]:
    """Return 1 for each image whose label is the majority, and for each that has a FER+ label."""
    labels = prepared.arrays[split][1]
    winners = majority(votes.counts[split])
    judged = (winners >= 0) & (winners < len(CLASSES))
    return (judged & (NUMBERS[winners] == labels)).astype(np.int64), judged.astype(np.int64)


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"
