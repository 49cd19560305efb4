"""The curves of many seeds as one: their median, and the band that holds most of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from harness.report.comparison import Group
from harness.report.time_to_accuracy import trained

MANY_SEEDS = 10  # With more than these, lines cover each other, and nobody tells them apart.
LOW, HIGH = 10, 90  # Percentiles over the seeds.
HELD = f"middle {HIGH - LOW} %"


@dataclass(frozen=True)
class Middle:
    """A quantity by epoch: percentiles over those of the ``seeds`` that trained for so long.

    It goes as far as half of them went; ``lasting`` are as many as trained to its last epoch.
    """

    seeds: int
    lasting: int
    epochs: tuple[int, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]


def as_band(group: Group) -> bool:
    """Whether so many seeds were trained that their curves are drawn as a band."""
    return len(trained(group)) > MANY_SEEDS


def middle_of(group: Group, field: str) -> Middle | None:
    """Return what the seeds of a configuration have in common; None where each has its own line.

    ``field`` is a quantity of an `Epoch`, as ``valid_accuracy``.
    """
    if not as_band(group):
        return None
    import numpy as np  # A report on the screen needs none.

    value = attrgetter(field)
    by_epoch: dict[int, list[float]] = {}
    rows = trained(group)
    for row in rows:
        for epoch in row.epochs:
            by_epoch.setdefault(epoch.epoch, []).append(value(epoch))
    reached = sorted(epoch for epoch, found in by_epoch.items() if 2 * len(found) >= len(rows))
    shares: list[list[float]] = []
    # Epochs of as many seeds, mostly all of them, at once.
    for _, alike in groupby(reached, lambda epoch: len(by_epoch[epoch])):
        values = np.array([by_epoch[epoch] for epoch in alike])
        shares += np.percentile(values, (LOW, 50, HIGH), axis=1).T.tolist()
    low, median, high = zip(*shares, strict=True)
    return Middle(len(rows), len(by_epoch[reached[-1]]), tuple(reached), low, median, high)


def selected(group: Group) -> tuple[int, int] | None:
    """Return the first and the last of the seeds' selected epochs; None where there is none."""
    chosen = [row.record.selected_epoch for row in group.rows if row.record.selected_epoch]
    return (min(chosen), max(chosen)) if chosen else None
