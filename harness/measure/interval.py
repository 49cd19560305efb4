"""The interval of a median, without an assumption about how the values are distributed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

CONFIDENCE = 0.95
# Of fewer values not even the smallest and the largest enclose the median with 95 %: 1 - 2 / 2^6.
FEWEST = 6


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return two of the values between which the median lies with at least 95 % confidence.

    They are order statistics, chosen by the binomial distribution of how many values lie below the
    median; from `scipy.stats.quantile_test`. None for fewer than six values. Source: W. J. Conover,
    Practical Nonparametric Statistics (3rd edition, 1999), section 3.2.
    """
    if len(values) < FEWEST:
        return None
    from scipy import stats  # slow to import

    test = stats.quantile_test(np.asarray(values), p=0.5)
    found: Any = test.confidence_interval(CONFIDENCE)  # Any: its stub says that it is a float.
    return float(found.low), float(found.high)


def half_width(values: Sequence[float]) -> float | None:
    """Return half of the interval's width as a fraction of the median, None without an interval."""
    interval = median_interval(values)
    if interval is None:
        return None
    low, high = interval
    return (high - low) / 2 / float(np.median(values))
