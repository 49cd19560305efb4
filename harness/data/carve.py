"""Splits that a source lacks are carved out of its training images, stratified and seeded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.data.arrays import SPLITS, Labels
from harness.errors import DataError, RequestError

Rows = npt.NDArray[np.intp]

APART = "were set apart"  # So warnings say it, and are known by it.


@dataclass(frozen=True)
class Shares:
    """Which part of the training images becomes ``valid`` and ``test``, and the seed of chance."""

    valid: float = 0.1
    test: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        for split, share in (("valid", self.valid), ("test", self.test)):
            if not 0 < share < 1:
                raise RequestError(f"the share of {split} is {share}, expected between 0 and 1")


def complete(
    rows: Mapping[str, Rows],
    labels: Labels,
    classes: Sequence[str],
    shares: Shares,
    lacking: str,
) -> tuple[dict[str, Rows], tuple[str, ...]]:
    """Return the rows of all three splits in their order, and a warning if any was carved.

    ``rows`` index ``labels`` and hold "train" at least; ``lacking`` says what the source lacks, as
    the beginning of a sentence. Raises `DataError` where a class has too few images, and
    `RequestError` where the shares leave nothing to train on.
    """
    missing = [split for split in ("valid", "test") if split not in rows]
    if not missing:
        return dict(rows), ()
    if sum(getattr(shares, split) for split in missing) >= 1:
        raise RequestError(
            f"the shares of valid ({shares.valid}) and test ({shares.test}) leave nothing to train "
            "on, expected less than 1 together; give smaller ones"
        )
    train, carved = rows["train"], {}
    for split in missing:
        count = max(1, round(getattr(shares, split) * len(rows["train"])))
        train, carved[split] = _part(train, labels, classes, count, shares.seed, lacking)
    parts = {**rows, **carved, "train": train}
    listed = " and ".join(f"{len(carved[split])} for {split}" for split in missing)
    return {split: parts[split] for split in SPLITS}, (
        f"{lacking}: of {len(rows['train'])} training images {listed} {APART}, stratified "
        f"by class, with seed {shares.seed}; results compare with those on the same splits only",
    )


def says_carved(warning: str) -> bool:
    """Whether it is the warning that splits are not the source's own."""
    return APART in warning


def _part(
    rows: Rows, labels: Labels, classes: Sequence[str], count: int, seed: int, where: str
) -> tuple[Rows, Rows]:
    from sklearn.model_selection import train_test_split  # slow to import

    present, sizes = np.unique(labels[rows], return_counts=True)
    rarest = int(sizes.argmin())
    if sizes[rarest] < 2 or count < len(present) or len(rows) - count < len(present):
        raise DataError(
            f"{where}, and {len(rows)} images of {len(present)} classes (of "
            f"{classes[present[rarest]]!r} only {sizes[rarest]}) are too few to set {count} apart, "
            "expected one of each class in each split; give more images, other shares or splits "
            "of your own"
        )
    kept, apart = train_test_split(rows, test_size=count, stratify=labels[rows], random_state=seed)
    apart, kept = _with_every_class(apart, kept, labels, present)
    kept, apart = _with_every_class(kept, apart, labels, present)
    return np.sort(kept), np.sort(apart)


def _with_every_class(
    lacking: Rows, other: Rows, labels: Labels, present: Labels
) -> tuple[Rows, Rows]:
    """Give a class whose share is less than half an image one all the same, for one of the most.

    It comes from the other part, which has two of it at least: all but those that are lacking.
    """
    for label in np.setdiff1d(present, labels[lacking]):
        most = np.bincount(labels[lacking]).argmax()
        given = other[labels[other] == label][:1]
        taken = lacking[labels[lacking] == most][:1]
        other = np.concatenate([np.setdiff1d(other, given), taken])
        lacking = np.concatenate([np.setdiff1d(lacking, taken), given])
    return lacking, other
