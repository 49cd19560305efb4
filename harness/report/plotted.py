"""What plots and pictures share: speeds by machine, recall over seeds, and how much is drawn."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

from harness.report.comparison import Group, Row
from harness.report.views.columns import fastest
from harness.schema import ClassRecall

# What an interval is that is drawn for several seeds.
SPAN = "; over several seeds, their mean, from the lowest to the highest end of theirs"
MOST, FEW = 8, 3  # So many models at most have their recall drawn; so many of many classes.
MANY = 30
DOTTED = 10  # With so many epochs or fewer, each is a dot: a single one is no line.
Rate = Callable[[Row], float | None]
Point = tuple[int, Group, float]
G = TypeVar("G")


def training_rate(row: Row) -> float | None:
    """Return the images per second of the timed training step."""
    step = row.speed.train_step if row.speed else None
    return step.images_per_second if step else None


def inference_rate(row: Row) -> float | None:
    """Return the images per second in inference, at the fastest batch size."""
    best = fastest(row.speed.inference) if row.speed else None
    return best[1].images_per_second if best else None


RATES: tuple[tuple[str, Rate], ...] = (("inference", inference_rate), ("training", training_rate))


def rate_points(groups: Sequence[Group], machine: str, read: Rate) -> list[Point]:
    """Return what was timed on a machine: place in the comparison, configuration and rate."""
    points = []
    for index, group in enumerate(groups):
        rates = (read(row) for row in group.rows if row.timed_on == machine)
        rate = next((rate for rate in rates if rate), None)
        if rate:
            points.append((index, group, rate))
    return points


def with_recall(groups: Sequence[G], classes: Sequence[str]) -> tuple[Sequence[G], str]:
    """Return the first configurations, whose recall is drawn, and a sentence if others are not."""
    shown = groups[: FEW if len(classes) > MANY else MOST]
    if len(shown) == len(groups):
        return shown, ""
    return shown, f" The first {len(shown)} of {len(groups)} configurations are shown."


def recall_over_seeds(group: Group, name: str) -> tuple[float, float, float] | None:
    """Return the mean recall with the hull of the seeds' intervals; None for an absent class."""
    tests = [row.record.test for row in group.rows if row.record.test]
    found: list[ClassRecall] = [test.recall[name] for test in tests if name in test.recall]
    recalls = [one.recall for one in found if one.recall is not None]
    if not recalls:
        return None
    mean = statistics.fmean(recalls)
    lows = [one.low for one in found if one.low is not None]
    highs = [one.high for one in found if one.high is not None]
    return mean, min([mean, *lows]), max([mean, *highs])
