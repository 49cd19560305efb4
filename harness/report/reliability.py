"""Reliability bins over the seeds of a configuration, as trained and temperature-scaled."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.report import units
from harness.report.comparison import Group
from harness.schema import Calibrated, ReliabilityBin


@dataclass(frozen=True)
class Reliability:
    """The bins of all seeds together, and the means of their ECE and temperature.

    ``temperature`` is None for the probabilities as they are.
    """

    bins: tuple[ReliabilityBin, ...]
    ece: float
    temperature: float | None = None

    @cached_property
    def images(self) -> int:
        """How many predictions there are: the test images, once for each seed."""
        return sum(one.n for one in self.bins)

    @property
    def filled(self) -> list[tuple[ReliabilityBin, float, float]]:
        """The bins that have images, each with its mean confidence and its accuracy."""
        return [
            (one, one.confidence, one.accuracy)
            for one in self.bins
            if one.confidence is not None and one.accuracy is not None
        ]

    @property
    def words(self) -> str:
        """What it is and its error, in a line."""
        error = f"ECE {units.percent(self.ece)} %"
        if self.temperature is None:
            return f"as trained: {error}"
        return f"temperature {units.digits(self.temperature)}: {error}"


def reliabilities(group: Group) -> tuple[Reliability, ...]:
    """Return a configuration's reliability as trained and scaled; nothing where a seed has none."""
    found = [row.record.calibration for row in group.rows if row.record.calibration]
    if len(found) < len(group.rows):
        return ()
    temperature = statistics.fmean(one.temperature for one in found)
    return _pooled([one.test for one in found]), _pooled(
        [one.test_scaled for one in found], temperature
    )


def _pooled(seeds: Sequence[Calibrated], temperature: float | None = None) -> Reliability:
    bins = tuple(_sum(same) for same in zip(*(one.bins for one in seeds), strict=True))
    return Reliability(bins, statistics.fmean(one.ece for one in seeds), temperature)


def _sum(bins: Sequence[ReliabilityBin]) -> ReliabilityBin:
    """Put bins of one place together; means weigh by their images."""
    if len(bins) == 1:
        return bins[0]
    n = sum(one.n for one in bins)

    def mean(name: str) -> float | None:
        return sum(one.n * getattr(one, name) for one in bins if one.n) / n if n else None

    return bins[0].model_copy(
        update={"n": n, "confidence": mean("confidence"), "accuracy": mean("accuracy")}
    )
