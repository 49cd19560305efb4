"""The interval of a median, without an assumption about how the values are distributed."""

from collections.abc import Sequence

import numpy as np
from scipy import special

CONFIDENCE = 0.95
# Of fewer values not even the smallest and the largest enclose the median with 95 %: 1 - 2 / 2^6.
FEWEST = 6


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return two of the values between which the median lies with at least 95 % confidence.

    They are order statistics, chosen by the binomial distribution of how many values lie below the
    median. None for fewer than six values. Source: W. J. Conover, Practical Nonparametric
    Statistics (3rd edition, 1999), section 3.2. By its formula: to import `scipy.stats`, which has
    it as ``quantile_test``, takes longer than a round of what is timed meanwhile.
    """
    if len(values) < FEWEST:
        return None
    # How likely at most so many of the values lie below the median; as many may lie above it.
    beyond = special.bdtr(np.arange(len(values) // 2), len(values), 0.5)
    cut = int(np.searchsorted(beyond, (1 - CONFIDENCE) / 2, side="right")) - 1
    ordered = np.sort(values)
    return float(ordered[cut]), float(ordered[-1 - cut])


def half_width(values: Sequence[float]) -> float | None:
    """Return half of the interval's width as a fraction of the median, None without an interval."""
    interval = median_interval(values)
    if interval is None:
        return None
    low, high = interval
    return (high - low) / 2 / float(np.median(values))
