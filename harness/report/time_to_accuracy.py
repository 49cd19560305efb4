"""Time to accuracy: seconds and epochs until the validation accuracy first reaches a level."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from harness.report.comparison import Comparison, Group, Row
from harness.schema import Epoch

# An accuracy that went through float32 may lie so far below what it is.
ROUNDING = 1e-6
LEAST, MOST = 3, 8  # So many levels where nobody chose them.
SEVERAL = "Trained on several machines, devices or numbers of threads: compared within one only."
SEEDS = 5  # So many runs of a configuration are drawn.
APART = 8.0  # Trainings that differ by more than this in length need a logarithmic scale.
# The units of time by their names, each for what takes less than its bound in seconds.
UNITS = (("second", 1.0, 600.0), ("minute", 60.0, 36_000.0), ("hour", 3600.0, math.inf))


@dataclass(frozen=True)
class Reached:
    """When a level was first reached: seconds of training and validation, and the epoch from 1."""

    seconds: float
    epoch: int


@dataclass(frozen=True)
class OverSeeds:
    """How many ``seeds`` there are, how many ``reached`` the level, and the medians over all.

    A seed that never got there counts as longer than any other; the medians are None where that
    are half of the seeds or more.
    """

    seeds: int
    reached: int
    seconds: float | None
    epochs: float | None


def clock(epochs: Sequence[Epoch]) -> list[float]:
    """Return the seconds of training and validation from the start to the end of each epoch.

    They are added up as recorded: what passed between an interruption and its end is left out.
    """
    return list(accumulate(epoch.train_seconds + epoch.valid_seconds for epoch in epochs))


def reached(epochs: Sequence[Epoch], level: float) -> Reached | None:
    """Return when the validation accuracy first was ``level`` (0–1) or above; None for never.

    This is the time to accuracy of Coleman et al., "Analysis of DAWNBench, a Time-to-Accuracy
    Machine Learning Performance Benchmark" (arXiv:1806.01427), and of MLPerf's training.
    """
    for seconds, epoch in zip(clock(epochs), epochs, strict=True):
        if epoch.valid_accuracy >= level - ROUNDING:
            return Reached(seconds, epoch.epoch)
    return None


def trained(group: Group) -> tuple[Row, ...]:
    """Return the runs of a configuration that have epochs."""
    return tuple(row for row in group.rows if row.epochs)


def reach(group: Group, level: float) -> OverSeeds:
    """Return how a configuration reached a level; raises `StatisticsError` without epochs."""
    found = [reached(row.epochs, level) for row in trained(group)]
    seconds = statistics.median(one.seconds if one else math.inf for one in found)
    epochs = statistics.median(one.epoch if one else math.inf for one in found)
    known = math.isfinite(seconds)
    return OverSeeds(
        seeds=len(found),
        reached=sum(one is not None for one in found),
        seconds=seconds if known else None,
        epochs=epochs if known else None,
    )


def peaks(group: Group) -> list[float]:
    """Return the highest validation accuracy of each run that has epochs."""
    return [max(epoch.valid_accuracy for epoch in row.epochs) for row in trained(group)]


def levels_of(comparison: Comparison) -> tuple[float, ...]:
    """Return the levels that were asked for, else those that suit the runs; none if none does."""
    return comparison.levels or default_levels(comparison.groups)


def default_levels(groups: Sequence[Group]) -> tuple[float, ...]:
    """Return steps of five points from what each configuration reaches up to the highest.

    What a configuration reaches is the median over its seeds. Steps are longer where they would
    be more than `MOST`, go down further where they would be fewer than `LEAST`, and are of single
    points where nothing comes far.
    """
    found = [tops for group in groups if (tops := peaks(group))]
    if not found:
        return ()
    low, high = min(map(statistics.median, found)), max(map(max, found))
    for step in (0.05, 0.1, 0.2) if high >= LEAST * 0.05 else (0.01, 0.02):
        first, last = (math.floor((value + ROUNDING) / step) for value in (low, high))
        first = max(1, min(first, last - LEAST + 1))
        if last - first < MOST:
            break
    return tuple(round(number * step, 4) for number in range(first, last + 1))


def on_several_machines(rows: Iterable[Row]) -> bool:
    """Whether trainings were not all on one machine, device and number of threads."""
    return len({row.trained_under for row in rows} - {None}) > 1


def first_seeds(groups: Sequence[tuple[int, Group]]) -> list[tuple[int, Group, tuple[Row, ...]]]:
    """Return what has epochs: its place, the configuration, and the runs of its first seeds."""
    found = ((index, group, trained(group)[:SEEDS]) for index, group in groups)
    return [one for one in found if one[2]]


def unit_of(longest: float) -> tuple[str, float]:
    """Return the unit in which so many seconds are shown: its name, and its seconds."""
    return next((name, seconds) for name, seconds, bound in UNITS if longest < bound)


def far_apart(lengths: Sequence[float]) -> bool:
    """Whether trainings of such lengths need a logarithmic scale to be seen beside each other."""
    return min(lengths) > 0 and max(lengths) > APART * min(lengths)
