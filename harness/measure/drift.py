"""Whether the machine changed its speed while it was being measured, said in plain sentences."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import special

from harness.measure.interval import serial_correlation

# A trend is said where it is both hardly chance and large enough to matter.
SIGNIFICANCE = 0.01
LEAST_CHANGE = 0.02
# The reference may vary by so much, from its 10th to its 90th percentile.
MOST_SPREAD = 0.05
FEWEST_ROUNDS = 8


def drift_notes(reference: Sequence[float], rates: Sequence[Sequence[float]]) -> list[str]:
    """Say whether rates had a trend over the rounds, and whether the reference varied.

    ``reference`` are the rates of a fixed piece of work, one a round; ``rates`` those of each
    model, as many. A trend is Spearman's rank correlation with the round, with p below 1 %, and a
    change of 2 % or more along the best curve that only rises, or only falls (isotonic regression,
    of the logarithms), a tenth of the rounds at each end left out. Rounds that are alike for a
    while count as fewer, by their serial correlation about that curve, as in `rate_interval`.
    Nothing is said of fewer than 8 rounds.
    """
    if len(reference) < FEWEST_ROUNDS:
        return []
    # Of all workloads together: what slows one of them down alone is no matter of the machine.
    series = [np.asarray(item) / np.median(item) for item in (reference, *rates)]
    notes = [_trend(np.median(series, axis=0)), _spread(np.asarray(reference))]
    return [note for note in notes if note]


def _trend(speeds: np.ndarray) -> str:
    from scipy import optimize, stats  # slow to import

    if np.ptp(speeds) == 0:
        return ""
    rounds, logarithms = np.arange(len(speeds)), np.log(speeds)
    found = float(stats.spearmanr(rounds, speeds).statistic)
    # A step is a trend, and the usual one of a machine that throttles; wandering is none.
    curve = optimize.isotonic_regression(logarithms, increasing=bool(found > 0)).x
    around = serial_correlation((logarithms - curve).round(12).tolist())
    freedom = len(speeds) * (1 - around) / (1 + around) - 2
    if freedom < 1 or _chance(found, freedom) >= SIGNIFICANCE:
        return ""
    # Not from its very ends, which a single round may make.
    edge = max(1, len(curve) // 10)
    change = float(np.expm1(curve[-1 - edge] - curve[edge]))
    if abs(change) < LEAST_CHANGE:
        return ""
    if change > 0:
        return (
            f"the machine became {100 * change:.0f} % faster over the session: something that kept "
            "it busy has ended, or it was warming up; measure again"
        )
    return (
        f"the machine became {-100 * change:.0f} % slower over the session: it throttles (heat, "
        "power), or something else began to work on it; let it cool down and measure again"
    )


def _chance(correlation: float, freedom: float) -> float:
    """Return the p-value of a rank correlation, by Student's t."""
    if abs(correlation) >= 1:
        return 0.0
    t = abs(correlation) * math.sqrt(freedom / (1 - correlation**2))
    return float(2 * special.stdtr(freedom, -t))


def _spread(reference: np.ndarray) -> str:
    low, high = np.percentile(reference, (10, 90))
    spread = float(high / low - 1)
    if spread <= MOST_SPREAD:
        return ""
    return (
        f"the speed of the machine itself varied: a fixed matrix product ran {100 * spread:.0f} % "
        "faster in the fastest tenth of the rounds than in the slowest"
    )


def throttle_count(root: Path = Path("/sys/devices/system/cpu")) -> int:
    """Return how often the processor's cores have throttled since it was started.

    By the counters that Linux has for Intel processors; 0 where there are none.
    """
    counters = root.glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    return sum(int(path.read_text()) for path in counters)


def throttle_notes(before: int, after: int) -> list[str]:
    """Say that the processor itself counted throttling between two readings, if it did."""
    if after <= before:
        return []
    times = f"{after - before} time{'s' * (after - before > 1)}"
    return [f"the processor throttled {times} while models were timed; let it cool down"]
