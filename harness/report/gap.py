"""The generalisation gap: accuracy on the training images less accuracy on the test images."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.comparison import Group
from harness.report.derived import clean_images, clean_quality
from harness.schema import Metrics, RunRecord

# The fields of a record, in the order in which they are shown, with their names.
SPLITS = (
    ("train", "training"),
    ("valid", "validation"),
    ("test", "test"),
    ("test_clean", "test without twins"),
)


@dataclass(frozen=True)
class Gap:
    """A difference of fractions, with an interval.

    The training images are all that the model was trained on, so that their accuracy is known; the
    interval is the 95 % Wilson interval of the other one.
    """

    value: float
    low: float
    high: float


def gap(record: RunRecord, against: str = "test") -> Gap | None:
    """Return training's accuracy less that of another split; None where one was not evaluated."""
    train, other = record.train, metrics_on(record, against)
    if train is None or other is None:
        return None
    return Gap(
        train.accuracy - other.accuracy,
        train.accuracy - other.accuracy_high,
        train.accuracy - other.accuracy_low,
    )


def metrics_on(record: RunRecord, split: str) -> Metrics | None:
    """Return the quality on a split of ``SPLITS``; on clean images only if others are left out."""
    found: Metrics | None = getattr(record, split)
    return clean_quality(record) if split == "test_clean" else found


def mean_accuracies(group: Group) -> dict[str, float]:
    """Return the mean over the seeds by split, of the splits that all of them were evaluated on.

    Clean images are one split only where one audit found them.
    """
    found = {}
    several = len({clean_images(row.record) for row in group.rows}) > 1
    for split, _ in SPLITS:
        metrics = [metrics_on(row.record, split) for row in group.rows]
        accuracies = [one.accuracy for one in metrics if one]
        if len(accuracies) == len(group.rows) and not (several and split == "test_clean"):
            found[split] = statistics.fmean(accuracies)
    return found


def with_gap(groups: Sequence[Group]) -> list[tuple[int, Group, dict[str, float]]]:
    """Return what has both ends of a gap: place in the comparison, configuration, accuracies."""
    found = ((index, group, mean_accuracies(group)) for index, group in enumerate(groups))
    return [item for item in found if {"train", "test"} <= item[2].keys()]
