import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from harness.errors import DataError
from harness.evaluate import bootstrap
from harness.evaluate.bootstrap import METRICS, Bootstrap
from harness.evaluate.paired import compare_models, compare_scores


def sample(n=600, classes=4, seeds=3, skill=0.6, seed=0):
    random = np.random.default_rng(seed)
    labels = random.choice(classes, n, p=np.arange(1, classes + 1) / sum(range(1, classes + 1)))
    guesses = random.integers(0, classes, (seeds, n))
    return labels, np.where(random.random((seeds, n)) < skill, labels, guesses)


def reference_scores(labels, predicted):
    occurring = np.unique(labels)
    return (
        reference.accuracy_score(labels, predicted),
        reference.recall_score(labels, predicted, labels=occurring, average="macro"),
        reference.f1_score(labels, predicted, average="macro"),
    )


@pytest.mark.parametrize("absent", [(), (2,), (0, 3)])
def test_the_scores_are_scikit_learns_also_where_classes_are_absent(absent) -> None:
    labels, predicted = sample()
    labels = np.where(np.isin(labels, absent), 1, labels)
    predicted[0] = np.where(np.isin(predicted[0], absent), 1, predicted[0])
    found = Bootstrap(labels, 6, replicates=5).score(predicted)
    expected = [reference_scores(labels, one) for one in predicted]
    assert METRICS == ("accuracy", "uar", "macro_f1")
    assert found.values == pytest.approx(np.transpose(expected))
    assert found.seeds == 3
    assert found.freedom == 600 - len(set(labels.tolist()))


@pytest.mark.parametrize("sizes", [(30, 31, 33, 36), (31, 31, 37, 31)])
@pytest.mark.parametrize("skill", [0.3, 0.9])  # With many mistakes and few: summed in two ways.
def test_each_draw_is_scored_as_a_plain_loop_scores_it(sizes, skill) -> None:
    labels = np.repeat(np.arange(4), sizes)
    random = np.random.default_rng(0)
    guesses = random.integers(0, 4, (3, 130))
    predicted = np.where(random.random((3, 130)) < skill, labels, guesses)
    drawn = Bootstrap(labels, 4, replicates=40, seed=3)
    # An image that is drawn twice stands twice in the loop's labels. A class of n is drawn n - 1
    # times and weighs n; repeating every image by a multiple of all n - 1 keeps numbers whole.
    counts = np.bincount(labels)
    common = int(np.lcm.reduce(counts - 1))
    found = drawn.score(predicted)
    for replicate in range(40):
        times = drawn._times[:, replicate].astype(int)
        assert np.bincount(labels, times).tolist() == (counts - 1).tolist()
        weights = times * counts[labels] * common // (counts - 1)[labels]
        scores = [
            (
                reference.accuracy_score(labels, one, sample_weight=weights),
                reference.recall_score(labels, one, average="macro", sample_weight=weights),
                reference.f1_score(labels, one, average="macro", sample_weight=weights),
            )
            for one in predicted
        ]
        assert found.drawn[:, replicate] == pytest.approx(np.mean(scores, axis=0), rel=1e-5)


def test_seeds_without_a_mistake_are_wholly_right_on_each_draw() -> None:
    labels = np.repeat(np.arange(3), 40)
    found = Bootstrap(labels, 3, replicates=4).score(np.tile(labels, (2, 1)))
    assert found.values.tolist() == [[1, 1]] * 3
    assert found.drawn == pytest.approx(np.ones((3, 4)))


@pytest.mark.parametrize("counts", [(40000, 31, 31), (20000, 20000, 20000)])
def test_more_images_than_16_bits_count_are_still_counted(counts) -> None:
    """All are taken for the first class, however often each is drawn."""
    labels = np.repeat(np.arange(3), counts)
    found = Bootstrap(labels, 3, replicates=4).score(np.zeros((2, len(labels)), dtype=int))
    share = counts[0] / sum(counts)
    expected = np.tile([[share], [1 / 3], [2 * share / (1 + share) / 3]], 4)
    assert found.drawn == pytest.approx(expected, rel=1e-6)


def test_the_variance_over_draws_is_the_closed_form() -> None:
    """Of a stratified mean: sum over classes of weight² s² / n, s² the sample variance."""
    labels, predicted = sample(600)
    found = Bootstrap(labels, 4, replicates=20000).score(predicted)
    right = (predicted == labels).mean(axis=0)
    strata = [right[labels == c] for c in range(4)]
    accuracy = sum(len(s) ** 2 / 600**2 * s.var(ddof=1) / len(s) for s in strata)
    uar = sum(s.var(ddof=1) / len(s) for s in strata) / 4**2
    assert found.drawn[:2].var(axis=1, ddof=1) == pytest.approx([accuracy, uar], rel=0.05)
    assert found.drawn.mean(axis=1) == pytest.approx(found.values.mean(axis=1), abs=0.002)


def test_the_noise_of_seeds_is_their_sample_variance_on_an_image() -> None:
    labels, predicted = sample(200, seeds=4)
    found = Bootstrap(labels, 4, replicates=20000).score(predicted)
    right = (predicted == labels).astype(float)
    total = right - right.mean(axis=0)
    expected = sum(
        np.sum((total[:, labels == c] - total[:, labels == c].mean(1, keepdims=True)) ** 2)
        * (n / (n - 1))
        for c, n in enumerate(np.bincount(labels))
    )
    # Of the mean over 4 seeds and 200 images; the factor is that of a class's sample variance.
    assert found.noise[0] == pytest.approx(expected / 3 / 200**2 / 4, rel=0.05)


def test_the_variance_over_seeds_is_that_of_their_mean() -> None:
    labels, predicted = sample()
    found = Bootstrap(labels, 4, replicates=5).score(predicted)
    assert found.between == pytest.approx(found.values.var(axis=1, ddof=1) / 3)


def test_seeds_that_agree_have_no_noise_and_no_variance() -> None:
    labels, predicted = sample(seeds=1)
    found = Bootstrap(labels, 4, replicates=50).score(np.repeat(predicted, 3, axis=0))
    assert found.noise.tolist() == [0, 0, 0]
    assert found.between == pytest.approx(np.zeros(3), abs=1e-30)


def test_a_class_of_one_image_is_left_out_of_half_the_draws_and_counts_twice_in_the_others() -> (
    None
):
    labels = np.array([0] * 30 + [1, 2])
    predicted = np.array([[0] * 30 + [1, 2], [0] * 30 + [1, 2]])
    found = Bootstrap(labels, 3, replicates=4000).score(predicted)
    assert found.freedom == 29 + 2  # One for each image but one of the large class.
    for uar_or_f1 in found.drawn[1:]:
        values, draws = np.unique(uar_or_f1.round(4), return_counts=True)
        assert values == pytest.approx([1 / 3, 1, 5 / 3], abs=1e-4)
        assert draws / 4000 == pytest.approx([1 / 4, 1 / 2, 1 / 4], abs=0.03)
    assert found.values == pytest.approx(np.ones((3, 2)))


@pytest.mark.parametrize(("n", "p"), [(2, 0.157), (4, 0.0455), (9, 0.0027), (10, 0.00157)])
def test_a_few_images_of_a_class_are_as_certain_as_mcnemars_test_without_more(n, p) -> None:
    """All of them differ in the same way: drawn anew from each other, they would leave no doubt."""
    labels = np.repeat([0, 1, 2], (1000, 1000, n))
    first, second = np.stack([labels] * 3), np.where(labels == 2, 1, np.stack([labels] * 3))
    for number in range(3):  # Some mistakes, for the two models to differ elsewhere.
        first[number, 7 * number : 7 * number + 5] = second[number, 50:55] = 1
    _, uar, macro_f1 = compare_models(labels, first, second, 3)
    assert stats.chi2.sf(n, 1) == pytest.approx(p, rel=0.02)  # McNemar's: n²/n of n against none.
    assert uar.value == pytest.approx(1 / 3)
    assert uar.p == pytest.approx(p, rel=0.25)
    assert macro_f1.p == pytest.approx(p, rel=0.25)


def two_equal_models(random, labels, classes):
    """Three seeds of each are right as often, though on other images."""
    rival = (labels + random.integers(1, classes, len(labels))) % classes
    image = 0.8 * random.standard_normal(len(labels))
    for _ in range(2):
        model = 0.5 * random.standard_normal(len(labels))
        seeds = 0.4 * random.standard_normal((3, len(labels)))
        yield np.where(0.5 + image + model + seeds > 0, labels, rival)


@pytest.mark.parametrize(
    "counts",
    [
        [1] * 100,
        [30] * 10 + [1] * 40,
        [80] * 6 + [1],
        [80] * 6 + [2],
        [4] * 25,
        [300, 10],
        [348, 17, 316],
    ],
    ids=["all of 1", "most of 1", "one of 1", "one of 2", "all of 4", "one of 10", "one of 17"],
)
def test_classes_of_few_images_make_no_false_verdicts(counts) -> None:
    labels, classes, times = np.repeat(np.arange(len(counts)), counts), len(counts), 200
    bootstrap, random = Bootstrap(labels, classes, replicates=100), np.random.default_rng(0)
    false = np.zeros(len(METRICS))
    for _ in range(times):
        one, two = map(bootstrap.score, two_equal_models(random, labels, classes))
        false += [found.p < 0.05 for found in compare_scores(one, two)]
    # 5 % and three standard errors of so few simulations.
    assert (false / times <= 0.05 + 3 * (0.05 * 0.95 / times) ** 0.5).all()


def test_equal_seeds_give_equal_draws_and_others_give_others() -> None:
    labels, predicted = sample()
    one, same, other = (
        Bootstrap(labels, 4, replicates=20, seed=seed).score(predicted).drawn for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_size_of_a_block_changes_nothing(monkeypatch) -> None:
    labels, predicted = sample()
    drawn = Bootstrap(labels, 4, replicates=33)
    whole = drawn.score(predicted)
    monkeypatch.setattr(bootstrap, "SUMS", 100)
    assert drawn.score(predicted).drawn == pytest.approx(whole.drawn, rel=1e-6)
    few = Bootstrap(labels, 4, replicates=33)
    assert np.bincount(labels, few._times[:, 32]).tolist() == (np.bincount(labels) - 1).tolist()


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    labels, predicted = sample(30)
    drawn = Bootstrap(labels, 4, replicates=2)
    with pytest.raises(DataError, match="needs predictions of two seeds, found one"):
        drawn.score(predicted[0])
    with pytest.raises(DataError, match="predictions for 29 images, labels for 30"):
        drawn.score(predicted[:, 1:])
    with pytest.raises(DataError, match="predictions hold the classes 0 to 7, expected 0 to 3"):
        drawn.score(np.where(predicted == 3, 7, predicted))
    with pytest.raises(DataError, match="labels hold the classes -1 to"):
        Bootstrap(labels - 1, 4)
    with pytest.raises(DataError, match="labels are empty"):
        Bootstrap(labels[:0], 4)
