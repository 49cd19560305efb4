import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, norm

from harness.evaluate.statistics import clopper_pearson, tango, wilson


@pytest.mark.parametrize("counts", [(0, 7), (7, 7), (3, 11), (669, 1308)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99999])
def test_the_exact_interval_is_scipys(counts, confidence) -> None:
    expected = binomtest(*counts).proportion_ci(confidence, method="exact")
    assert clopper_pearson(*counts, confidence) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("counts", [(0, 7), (7, 7), (3, 11), (1, 1), (2411, 3589), (3588, 3589)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99999])
def test_the_score_interval_is_scipys(counts, confidence) -> None:
    expected = binomtest(*counts).proportion_ci(confidence, method="wilson")
    found = wilson(*counts, confidence)
    assert found == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert 0 <= found[0] <= counts[0] / counts[1] <= found[1] <= 1


def test_tangos_interval_is_the_published_one() -> None:
    """Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables, chapter 8."""
    assert tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert tango(6, 16, 161) == pytest.approx((-0.1240, -0.0054), abs=5e-5)


@pytest.mark.parametrize("counts", [(30, 12, 400), (3, 0, 25), (700, 640, 3589), (9, 9, 20)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_at_tangos_bounds_the_score_test_is_at_its_limit(counts, confidence) -> None:
    only_first, only_second, n = counts

    def score(difference: float) -> float:
        """The statistic, with the nuisance parameter fitted by a search over the likelihood."""

        def loss(share: float) -> float:
            rest = max(1 - 2 * share - difference, 1e-300)
            terms = [(only_first, share + difference), (only_second, share)]
            return -sum(k * np.log(max(p, 1e-300)) for k, p in terms) - (
                n - only_first - only_second
            ) * np.log(rest)

        bounds = (max(0.0, -difference), (1 - difference) / 2)
        share = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        variance = n * (2 * share + difference - difference**2)
        return float((only_first - only_second - n * difference) / np.sqrt(variance))

    limit = norm.ppf((1 + confidence) / 2)
    low, high = tango(only_first, only_second, n, confidence)
    assert (score(low), score(high)) == pytest.approx((limit, -limit), rel=1e-3)


def test_tangos_interval_has_two_ends_where_the_two_never_differ() -> None:
    limit = norm.ppf(0.975) ** 2
    assert tango(0, 0, 50) == pytest.approx((-limit / (50 + limit), limit / (50 + limit)))


def test_tangos_interval_stays_within_minus_1_and_1() -> None:
    assert tango(4, 0, 4)[1] == 1.0
    assert tango(0, 4, 4)[0] == -1.0


def test_tangos_interval_turns_with_the_sides() -> None:
    low, high = tango(12, 5, 90, 0.9)
    assert tango(5, 12, 90, 0.9) == pytest.approx((-high, -low))


@pytest.mark.parametrize("n", range(1, 400))
def test_tangos_interval_is_there_where_one_side_has_all(n) -> None:
    low, high = tango(0, n, n)
    assert low == -1.0
    assert -1.0 < high <= 0.0 or n < 4
