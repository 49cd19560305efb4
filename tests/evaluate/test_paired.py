import numpy as np
import pytest
from scipy import stats

from harness.errors import DataError
from harness.evaluate.paired import compare_models, compare_weights, verdict


def model(labels, skill, seeds, seed, spread=0.0):
    random = np.random.default_rng(seed)
    n = len(labels)
    skills = skill + spread * random.standard_normal((seeds, 1))
    return np.where(random.random((seeds, n)) < skills, labels, random.integers(0, 3, (seeds, n)))


@pytest.fixture
def labels():
    return np.random.default_rng(9).choice(3, 400, p=(0.2, 0.3, 0.5))


def by_hand(labels, first, second, confidence):
    """The difference in accuracy from the closed forms of its variances."""
    one, two = first == labels, second == labels
    apart = one.mean(axis=0) - two.mean(axis=0)
    n = len(labels)

    def stratified(values):
        parts = [values[labels == c] for c in np.unique(labels)]
        return sum(len(p) * p.var(ddof=1) for p in parts) / n**2

    variance = images = stratified(apart)
    uncertain = images**2 / (n - 3)
    for right in (one, two):
        k = len(right)
        seeds = right.mean(axis=1).var(ddof=1) / k
        noise = sum(stratified(r - right.mean(axis=0)) for r in right) / (k - 1) / k
        variance += max(0.0, seeds - noise)
        uncertain += seeds**2 / (k - 1)
    freedom = variance**2 / uncertain
    reach = stats.t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance)
    p = 2 * stats.t.sf(abs(apart.mean()) / np.sqrt(variance), freedom)
    return apart.mean(), apart.mean() - reach, apart.mean() + reach, p


@pytest.mark.parametrize(("spread", "seeds"), [(0.0, (3, 3)), (0.05, (3, 5)), (0.02, (2, 4))])
@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_the_difference_in_accuracy_is_that_of_the_closed_forms(
    labels, spread, seeds, confidence
) -> None:
    first = model(labels, 0.62, seeds[0], 1, spread)
    second = model(labels, 0.55, seeds[1], 2, spread)
    found = compare_models(labels, first, second, 3, confidence=confidence, replicates=20000)[0]
    value, low, high, p = by_hand(labels, first, second, confidence)
    assert found.metric == "accuracy"
    assert found.value == pytest.approx(value)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.003)
    assert found.p == pytest.approx(p, rel=0.15)


def test_the_interval_excludes_0_where_p_is_below_the_error(labels) -> None:
    first = model(labels, 0.62, 3, 1)
    for skill in (0.3, 0.5, 0.55, 0.6, 0.7, 0.9):
        for found in compare_models(labels, first, model(labels, skill, 3, 2), 3, confidence=0.9):
            assert (verdict(found.low, found.high) != "inconclusive") == (found.p < 0.1)


def test_the_sides_turn_the_sign(labels) -> None:
    first, second = model(labels, 0.62, 3, 1), model(labels, 0.55, 4, 2)
    there, back = (compare_models(labels, *pair, 3) for pair in ((first, second), (second, first)))
    for one, other in zip(there, back, strict=True):
        assert (one.value, one.low, one.high, one.p) == pytest.approx(
            (-other.value, -other.high, -other.low, other.p)
        )


def test_a_model_does_not_differ_from_itself(labels) -> None:
    same = np.repeat(model(labels, 0.6, 1, 1), 3, axis=0)
    for found in compare_models(labels, same, same, 3):
        assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_equal_models_of_other_numbers_of_seeds_do_not_differ_by_a_rounding() -> None:
    """0.1 three times and five times have means that differ in their last bit."""
    labels = np.arange(100) // 10
    constant = np.zeros_like(labels)
    for found in compare_models(labels, np.stack([constant] * 3), np.stack([constant] * 5), 10):
        assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_difference_on_every_image_is_as_certain_as_the_exact_test_is(labels) -> None:
    right, wrong = np.stack([labels] * 3), np.stack([(labels + 1) % 3] * 3)
    found = compare_models(labels, right, wrong, 3)[0]
    share = stats.binomtest(400, 400).proportion_ci(0.95, "exact").low
    assert (found.value, found.low, found.high) == (1, pytest.approx(2 * share - 1), 1)
    assert found.p == pytest.approx(stats.binomtest(0, 400).pvalue)


@pytest.mark.parametrize(("each", "apart"), [(30, 30), (36, 108), (45, 45), (30, 60)])
def test_whole_classes_apart_in_all_seeds_are_as_certain_as_the_exact_test_is(each, apart) -> None:
    """Draws within classes do not vary then, which would leave no doubt at all."""
    labels = np.repeat(np.arange(7), each)
    second = labels.copy()
    second[:apart] = (labels[:apart] + 1) % 7
    first, second = np.stack([labels] * 3), np.stack([second] * 3)
    expected = stats.binomtest(0, apart).pvalue
    for found in compare_models(labels, first, second, 7, replicates=50):
        assert found.value > 0
        assert found.p == pytest.approx(expected)
        assert 0 < found.low < found.value <= found.high
        files = compare_weights(labels, first[0], second[0])
        # As wide as of weight files, whose interval may be Tango's where that is wider.
        assert found.low / found.value >= files.low / files.value - 1e-9


def test_means_over_classes_that_go_the_other_way_are_not_as_certain_as_the_images() -> None:
    labels = np.repeat(np.arange(3), (180, 30, 30))
    first, second = labels.copy(), labels.copy()
    first[:180], second[180:] = 1, 0
    found = {
        one.metric: one
        for one in compare_models(labels, np.stack([first] * 3), np.stack([second] * 3), 3)
    }
    accuracy, uar = found["accuracy"], found["uar"]
    assert accuracy.value < 0 < uar.value
    exact = stats.binomtest(60, 240)
    ends = [2 * end - 1 for end in exact.proportion_ci(0.95, "exact")]
    assert (accuracy.low, accuracy.high) == pytest.approx(ends)  # All 240 are apart.
    assert accuracy.p == pytest.approx(exact.pvalue)
    assert (uar.low, uar.high, uar.p) == (-1, 1, 1)


@pytest.mark.parametrize("seeds", [3, 5])
def test_a_small_change_trained_with_the_same_seeds_is_found(seeds) -> None:
    """What the seeds do to both sides leaves V small beside the variance over seeds."""
    labels = np.random.default_rng(9).integers(0, 3, 2000)
    random = np.random.default_rng(1)
    skills = np.linspace(0.6, 0.75, seeds)[:, None]
    right = random.random((seeds, 2000)) < skills
    first = np.where(right, labels, (labels + 1) % 3)
    second = np.where(random.random((seeds, 2000)) < 0.04, (labels + 2) % 3, first)
    found = compare_models(labels, first, second, 3, replicates=500)[0]
    assert -0.05 < -found.value < 0
    between = [(one == labels).mean(axis=1).var(ddof=1) / seeds for one in (first, second)]
    # No more than Student's t over as many seeds as there are has it, without a word of pairs.
    widest = stats.t.ppf(0.975, seeds - 1) * np.sqrt(sum(between) * 1.2)
    assert (found.high - found.low) / 2 <= widest
    alike = model(labels, 0.62, seeds, 1)
    changed = np.where(random.random((seeds, 2000)) < 0.05, (labels + 2) % 3, alike)
    assert compare_models(labels, alike, changed, 3, replicates=500)[0].low > 0


def test_seeds_that_spread_widen_the_interval(labels) -> None:
    """The images alone would call a difference that is one of seeds."""
    second = model(labels, 0.6, 3, 2)
    alike = model(labels, 0.6, 3, 1)
    apart = np.concatenate([model(labels, skill, 1, 1) for skill in (0.45, 0.6, 0.75)])
    narrow, wide = (compare_models(labels, first, second, 3)[0] for first in (alike, apart))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def weights(n, both, only_first, only_second):
    labels = np.zeros(n, dtype=int)
    first = np.array([0] * (both + only_first) + [1] * (n - both - only_first))
    second = np.array([0] * both + [1] * only_first + [0] * only_second)
    return labels, first, np.append(second, np.ones(n - len(second), dtype=int))


def test_two_weight_files_are_compared_by_the_exact_test_with_published_numbers() -> None:
    """Cavo et al. 2012, in the R package contingencytables (Fagerland, Lydersen and Laake)."""
    found = compare_weights(*weights(161, 59, 6, 16))
    assert (found.only_first, found.only_second) == (6, 16)
    assert found.value == pytest.approx(-0.0621, abs=5e-5)
    assert found.p == pytest.approx(0.052479, abs=5e-7)
    assert found.low == pytest.approx(-0.1240, abs=5e-5)
    # Tango's interval ends at -0.0054; the exact test does not exclude 0.
    assert 0 < found.high < 0.001


@pytest.mark.parametrize("counts", [(0, 3), (1, 12), (20, 40), (41, 40), (350, 400), (9, 0)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.9995])
def test_the_interval_of_weight_files_claims_only_what_the_exact_test_does(
    counts, confidence
) -> None:
    found = compare_weights(*weights(1000, 200, *counts), confidence=confidence)
    p = stats.binomtest(counts[0], sum(counts), 0.5).pvalue
    assert found.p == pytest.approx(p)
    assert found.low <= found.value <= found.high
    if verdict(found.low, found.high) != "inconclusive":
        assert p < 1 - confidence


def test_weight_files_that_never_differ_have_p_1_and_an_interval() -> None:
    found = compare_weights(*weights(50, 30, 0, 0))
    assert (found.only_first, found.only_second, found.value, found.p) == (0, 0, 0, 1)
    assert found.low < 0 < found.high


def test_a_verdict_is_the_side_of_0_that_the_interval_is_on() -> None:
    assert verdict(0.01, 0.02) == "better"
    assert verdict(-0.02, -0.01) == "worse"
    assert verdict(-0.01, 0.02) == "inconclusive"
    assert verdict(0.0, 0.0) == "inconclusive"


def test_predictions_of_other_images_are_refused() -> None:
    labels, first, second = weights(50, 30, 2, 3)
    with pytest.raises(DataError, match=r"for \(49,\) and \(50,\) images, labels for \(50,\)"):
        compare_weights(labels, first[1:], second)
    with pytest.raises(DataError):
        compare_weights(labels[:0], first[:0], second[:0])
