"""How fast each case is beside the fastest of its kind, round by round."""

import math
import statistics
from collections.abc import Sequence

from harness.measure.interval import rate_interval
from harness.schema import BenchResult


def with_relative(results: Sequence[BenchResult]) -> list[BenchResult]:
    """Return the results with their rates relative to the fastest of the same kind.

    Of a kind are predictions of one batch size, and all training steps. Cases take turns within
    seconds, so that what slows all of a round alike is in none of its ratios. The fastest has the
    highest mean logarithm of its rates, from which such a slowness cancels, too: another may have
    the highest median. A case alone in its kind has no ratio.
    """
    kinds: dict[object, list[BenchResult]] = {}
    for one in results:
        if one.status == "done":
            kinds.setdefault((one.mode, one.mode == "inference" and one.batch_size), []).append(one)
    found: dict[str, BenchResult] = {}
    for kind in kinds.values():
        if len(kind) > 1:
            fastest = max(kind, key=lambda one: statistics.fmean(map(math.log, one.rates)))
            found |= {one.name: _beside(one, fastest) for one in kind}
    return [found.get(one.name, one) for one in results]


def _beside(one: BenchResult, fastest: BenchResult) -> BenchResult:
    ratios = [rate / best for rate, best in zip(one.rates, fastest.rates, strict=True)]
    low, high = rate_interval(ratios) or (None, None)
    update = {"relative": statistics.median(ratios), "relative_low": low, "relative_high": high}
    return one.model_copy(update=update)
