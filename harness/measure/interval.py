"""The interval of a median, without an assumption about how the values are distributed."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

CONFIDENCE = 0.95
# Of fewer values not even the smallest and the largest enclose the median with 95 %: 1 - 2 / 2^6.
FEWEST = 6
HIGHEST = 0.95  # Of a correlation: beyond it, a session tells next to nothing.


def median_interval(
    values: Sequence[float], correlation: float = 0.0
) -> tuple[float, float] | None:
    """Return two of the values between which the median lies with at least 95 % confidence.

    They are order statistics, chosen by the binomial distribution of how many values lie below the
    median. None for fewer than six values. Source: W. J. Conover, Practical Nonparametric
    Statistics (3rd edition, 1999), section 3.2. By its formula: to import `scipy.stats`, which has
    it as ``quantile_test``, takes longer than a round of what is timed meanwhile.

    Of values with a ``correlation`` from each to the next, n tell as much as n (1 - c) / (1 + c)
    independent ones, if they are a process of the first order (Bayley and Hammersley 1946,
    Supplement to the Journal of the Royal Statistical Society 8:184-197): the ranks lie further
    apart by the root of that, at most at both ends.
    """
    count = len(values)
    if count < FEWEST:
        return None
    # How likely at most so many of the values lie below the median; as many may lie above it.
    beyond = special.bdtr(np.arange(count // 2), count, 0.5)
    cut = int(np.searchsorted(beyond, (1 - CONFIDENCE) / 2, side="right")) - 1
    if correlation > 0:
        middle = (count - 1) / 2
        wider = math.sqrt((1 + correlation) / (1 - correlation))
        cut = max(0, math.floor(middle - (middle - cut) * wider))
    ordered = np.sort(values)
    return float(ordered[cut]), float(ordered[-1 - cut])


def rate_interval(rates: Sequence[float]) -> tuple[float, float] | None:
    """Return the interval of the median of rates as they were taken, one after the other."""
    return median_interval(rates, serial_correlation(rates))


def serial_correlation(values: Sequence[float]) -> float:
    """Return the correlation of the ranks from each value to the next: 0 to `HIGHEST`.

    What a machine does for a while, all rounds of that while share. The estimate lacks 1/n on
    average (Marriott and Pope 1954, Biometrika 41:390-402), which is put right; below 0 it is 0.
    """
    if len(set(values)) < 2:
        return 0.0
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
    ranks -= ranks.mean()
    found = float(ranks[:-1] @ ranks[1:] / (ranks @ ranks)) + 1 / len(ranks)
    return min(max(found, 0.0), HIGHEST)


def half_width(values: Sequence[float]) -> float | None:
    """Return half of the interval's width as a fraction of the median, None without an interval."""
    interval = rate_interval(values)
    if interval is None:
        return None
    low, high = interval
    return (high - low) / 2 / float(np.median(values))
