"""What is said of one figure of one configuration: both values, their difference, a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.evaluate.paired import verdict

Verdict = Literal["better", "worse", "inconclusive", "not comparable"]
# The figures, and whether a larger number is the better one.
OFFICIAL = {"accuracy": True, "uar": True, "macro_f1": True}
# What ends the names of those that are of the test images without a twin in training.
CLEAN_SUFFIX = "_clean"
QUALITY = {**OFFICIAL, **{metric + CLEAN_SUFFIX: larger for metric, larger in OFFICIAL.items()}}
SPEED = {
    "train_images_per_second": True,
    "inference_images_per_second": True,
    "latency_p50_ms": False,
}
METRICS = {**QUALITY, **SPEED}


@dataclass(frozen=True)
class Judgement:
    """The second side against the first, in one metric of one configuration.

    Quality is a fraction 0–1 and its difference is second minus first; of speed the difference is
    second over first, minus 1. ``low`` and ``high`` bound the difference by 95 %, or by the
    slowest and fastest rounds. ``reason`` says by what the verdict was reached, or why there is
    none. ``means`` are those over all seeds, where ``first`` and ``second`` are of some of them.
    """

    label: str
    metric: str
    first: float | None
    second: float | None
    verdict: Verdict
    reason: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    means: tuple[float | None, float | None] | None = None

    @property
    def values(self) -> tuple[float | None, float | None]:
        """What the two sides have on average over their seeds."""
        return self.means or (self.first, self.second)

    @property
    def relative(self) -> bool:
        """Whether the difference is a share of the first value."""
        return self.metric in SPEED


def distinct(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Leave out what repeats another one: on a clean test that is the whole one, all does."""
    said = {(one.label, one.metric): one for one in judgements}

    def told(one: Judgement) -> bool:
        whole = said.get((one.label, one.metric.removesuffix(CLEAN_SUFFIX)), one)
        return one is not whole and replace(one, metric=whole.metric, reason=whole.reason) == whole

    return [one for one in judgements if not told(one)]


def of_interval(low: float, high: float, *, larger_is_better: bool = True) -> Verdict:
    """Return the verdict on a difference whose interval is ``low`` to ``high``."""
    return verdict(low, high) if larger_is_better else verdict(-high, -low)
