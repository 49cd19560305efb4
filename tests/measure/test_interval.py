import math

import numpy as np
import pytest
from scipy import stats

from harness.measure.interval import (
    half_width,
    median_interval,
    rate_interval,
    serial_correlation,
)


def by_hand(values):
    """The narrowest pair of symmetric ranks whose binomial coverage is at least 95 %."""
    ordered, n = sorted(values), len(values)
    for rank in range(n // 2, 0, -1):
        beyond = sum(math.comb(n, k) for k in range(rank)) / 2**n
        if 1 - 2 * beyond >= 0.95:
            return ordered[rank - 1], ordered[n - rank]
    return None


@pytest.mark.parametrize("n", [6, 7, 9, 10, 25, 60, 301])
def test_the_interval_is_that_of_the_binomial_distribution(n) -> None:
    values = np.random.default_rng(n).exponential(1, n).tolist()
    theirs = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    assert median_interval(values) == by_hand(values) == (theirs.low, theirs.high)


def test_five_values_have_no_interval() -> None:
    assert by_hand([1, 2, 3, 4, 5]) is None
    assert median_interval([1, 2, 3, 4, 5]) is None
    assert half_width([1, 2, 3, 4, 5]) is None


def test_the_interval_encloses_the_median_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    draws = random.lognormal(0, 1, (1000, 15))
    intervals = [median_interval(row.tolist()) for row in draws]
    enclosed = np.mean([low <= 1 <= high for low, high in intervals])
    assert 0.94 < enclosed < 0.985


def test_the_half_width_is_relative_to_the_median() -> None:
    assert half_width([90, 95, 100, 100, 105, 110]) == pytest.approx(0.1)


def chain(random, lag, n):
    """A normal process of the first order, with this correlation from one value to the next."""
    values = [random.standard_normal()]
    for step in random.standard_normal(n - 1):
        values.append(lag * values[-1] + (1 - lag**2) ** 0.5 * step)
    return np.exp(0.01 * np.array(values))


@pytest.mark.parametrize(("lag", "n", "least"), [(0.0, 20, 0.94), (0.5, 20, 0.92), (0.5, 60, 0.93)])
def test_rates_that_hang_together_have_a_wider_interval(lag, n, least) -> None:
    random = np.random.default_rng(1)
    draws = [chain(random, lag, n) for _ in range(600)]
    intervals = [rate_interval(draw) for draw in draws]
    assert np.mean([low <= 1 <= high for low, high in intervals]) > least
    if lag:
        plain = [median_interval(draw) for draw in draws]
        assert np.mean([low <= 1 <= high for low, high in plain]) < 0.88


def test_the_serial_correlation_is_that_of_the_ranks() -> None:
    random = np.random.default_rng(2)
    long = chain(random, 0.6, 4000)
    expected = stats.spearmanr(long[:-1], long[1:]).statistic
    assert serial_correlation(long) == pytest.approx(expected, abs=0.01)
    assert serial_correlation([1.0, 2.0] * 20) == 0
    assert serial_correlation([5.0] * 20) == 0
    assert serial_correlation(list(range(100))) == 0.95


def test_values_that_rise_steadily_have_all_of_them_as_their_interval() -> None:
    assert rate_interval([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == (1, 10)
