"""Accuracy by strength for plots and pictures: a line for each configuration and corruption."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.comparison import Comparison, Group


@dataclass(frozen=True)
class Curve:
    """A configuration under one corruption; ``accuracies`` begin with the uncorrupted images'.

    They are means over the ``seeds`` runs that were evaluated; ``index`` is the configuration's
    place in the comparison.
    """

    index: int
    group: Group
    accuracies: tuple[float, ...]
    seeds: int


@dataclass(frozen=True)
class Panel:
    """One corruption: its name, the parameter with its unit, its values, and all curves."""

    name: str
    axis: str
    values: tuple[float, ...]
    curves: tuple[Curve, ...]

    @property
    def ticks(self) -> tuple[str, ...]:
        """What stands at the strengths 0, 1, 2, …: the word for none, and the values."""
        return ("none", *(f"{value:g}" for value in self.values))


def panels(comparison: Comparison) -> tuple[Panel, ...]:
    """Return a panel for each corruption; none where no run was evaluated."""
    return panels_of(list(enumerate(comparison.groups)))


def panels_of(groups: Sequence[tuple[int, Group]]) -> tuple[Panel, ...]:
    """Return the panels of these configurations, each with its place in the comparison."""
    found = [row.robustness for _, group in groups for row in group.rows if row.robustness]
    if not found:
        return ()
    return tuple(
        Panel(
            one.name,
            f"{one.parameter}, {one.unit}",
            tuple(at.value for at in one.strengths),
            tuple(curve for index, group in groups if (curve := _curve(index, group, one.name))),
        )
        for one in found[0].corruptions
    )


def _curve(index: int, group: Group, name: str) -> Curve | None:
    runs = [
        (record.uncorrupted_accuracy, *(at.accuracy for at in one.strengths))
        for row in group.rows
        if (record := row.robustness)
        for one in record.corruptions
        if one.name == name
    ]
    if not runs:
        return None
    means = tuple(statistics.fmean(values) for values in zip(*runs, strict=True))
    return Curve(index, group, means, len(runs))
