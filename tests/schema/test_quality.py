"""The intervals of UAR and macro-F1: those of as many images as would have their variance."""

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from harness.evaluate.metrics import evaluate, macro_f1
from harness.evaluate.statistics import wilson
from harness.schema import ClassRecall, Metrics
from harness.schema.intervals import macro_f1_interval, score_interval

# FER-2013's, of PrivateTest.
COUNTS = np.array([491, 55, 528, 879, 594, 416, 626])


def metrics(hits: np.ndarray, counts: np.ndarray = COUNTS) -> Metrics:
    """Metrics of which only the recalls and their mean are filled in."""
    recall = {
        str(index): ClassRecall(recall=hit / n, low=low, high=high, n=n)
        for index, (hit, n) in enumerate(zip(hits.tolist(), counts.tolist(), strict=True))
        for low, high in [wilson(hit, n)]
    }
    return Metrics.model_construct(uar=float(np.mean(hits / counts)), recall=recall)


def test_the_interval_of_a_single_class_is_wilsons() -> None:
    found = metrics(np.array([40]), np.array([55])).uar_interval
    expected = binomtest(40, 55).proportion_ci(0.95, "wilson")
    assert found == pytest.approx((expected.low, expected.high))


def test_the_interval_of_two_like_classes_is_that_of_both_together() -> None:
    found = metrics(np.array([40, 40]), np.array([55, 55])).uar_interval
    assert found == pytest.approx(wilson(80, 110))


@pytest.mark.parametrize(
    ("counts", "recalls"),
    [
        (COUNTS, [0.55, 0.3, 0.4, 0.88, 0.5, 0.75, 0.65]),
        (COUNTS, 0.97),
        ([348, 17, 316, 801, 480, 178, 527], [0.5, 0.3, 0.3, 0.85, 0.5, 0.7, 0.6]),
        ([1000, 10], [0.9, 0.3]),
        ([1000, 10], [0.9, 0.2]),
        ([10] * 100, 0.9),
        ([100] * 100, 0.97),
        ([2] * 100, 0.5),
    ],
    ids=["FER-2013", "high", "clean", "uneven", "rare", "small", "high of many", "tiny"],
)
def test_it_holds_the_truth_in_some_95_of_100_draws(counts, recalls) -> None:
    """Of many classes, too, where what is lacking in each would add up."""
    random, counts = np.random.default_rng(0), np.array(counts)
    truth = np.broadcast_to(recalls, counts.shape)
    found = [metrics(random.binomial(counts, truth), counts).uar_interval for _ in range(600)]
    held = np.mean([low <= truth.mean() <= high for low, high in found])
    # Of ten images, none or one may be right, which says little.
    assert (0.87 if len(counts) == 2 else 0.915) < held < 0.985


def test_a_class_without_images_has_no_part_in_it() -> None:
    labels = np.repeat([0, 1], [40, 60])
    probabilities = np.eye(3)[np.where(np.arange(100) % 3, labels, 1 - labels)]
    found = evaluate(probabilities, labels, ("a", "b", "none"))
    two = evaluate(probabilities[:, :2], labels, ("a", "b"))
    assert found.uar_interval == two.uar_interval
    assert found.uar_interval[0] < found.uar < found.uar_interval[1]


def test_no_end_lies_beyond_what_a_share_can_be() -> None:
    assert metrics(COUNTS).uar_interval[1] == 1
    assert metrics(np.zeros(7, int)).uar_interval[0] == 0


def confused(counts: np.ndarray, recalls: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the shares of each class (row) that are taken for each, the wrong ones at random."""
    size = len(counts)
    wrong = random.dirichlet(np.ones(size - 1), size) * (1 - recalls)[:, None]
    shares = np.diag(recalls)
    shares[~np.eye(size, dtype=bool)] = wrong.ravel()
    return shares


def macro_f1_of(shares: torch.Tensor, sizes: torch.Tensor) -> torch.Tensor:
    """Return the macro-F1 of classes of these sizes, of which these shares are taken for each."""
    return (2 * sizes * shares.diagonal() / (sizes + sizes @ shares)).mean()


def test_the_variance_of_macro_f1_is_the_delta_methods() -> None:
    """Beside a gradient that torch takes and the covariance of multinomials."""
    confusion = np.random.default_rng(0).integers(1, 60, (5, 5))
    sizes = torch.tensor(confusion.sum(axis=1), dtype=torch.float64)
    drawn = torch.tensor(confusion + np.eye(5) + (1 - np.eye(5)) / 4) / (sizes[:, None] + 2)
    middle = macro_f1_of(drawn.requires_grad_(), sizes)
    middle.backward()
    variance = sum(
        up @ ((row.diag() - row.outer(row)) / n) @ up
        for up, row, n in zip(drawn.grad, drawn.detach(), sizes, strict=True)
    )
    trials = (middle * (1 - middle) / variance).item()
    value = macro_f1(confusion)
    assert macro_f1_interval(value, confusion.tolist()) == pytest.approx(
        score_interval(value, trials)
    )


def test_the_interval_of_macro_f1_is_as_wide_as_redrawn_images_have_it() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), COUNTS)
    found = np.where(random.random(len(labels)) < 0.6, labels, random.integers(0, 7, len(labels)))
    classes = [np.flatnonzero(labels == label) for label in range(7)]
    redrawn = [
        f1_score(labels[images], found[images], average="macro")
        for images in (
            np.concatenate([random.choice(of, len(of)) for of in classes]) for _ in range(300)
        )
    ]
    low, high = evaluate(np.eye(7)[found], labels, tuple("abcdefg")).macro_f1_interval
    assert high - low == pytest.approx(2 * 1.96 * np.std(redrawn), rel=0.1)


@pytest.mark.parametrize(
    ("counts", "recalls", "least"),
    [
        (COUNTS, [0.55, 0.3, 0.4, 0.88, 0.5, 0.75, 0.65], 0.915),
        (COUNTS, 0.97, 0.915),
        ([348, 17, 316, 801, 480, 178, 527], [0.5, 0.3, 0.3, 0.85, 0.5, 0.7, 0.6], 0.915),
        ([1000, 10], [0.9, 0.3], 0.915),
        ([10] * 100, 0.9, 0.9),
        # Of two images a class macro-F1 is some 0.03 too low on average.
        ([2] * 100, 0.5, 0.8),
    ],
    ids=["FER-2013", "high", "clean", "uneven", "small", "tiny"],
)
def test_the_interval_of_macro_f1_holds_the_truth_in_some_95_of_100_draws(
    counts, recalls, least
) -> None:
    random, counts = np.random.default_rng(0), np.array(counts)
    shares = confused(counts, np.broadcast_to(recalls, counts.shape), random)
    truth = macro_f1_of(torch.tensor(shares), torch.tensor(counts, dtype=torch.float64)).item()
    held = []
    for _ in range(400):
        drawn = random.multinomial(counts, shares)
        low, high = macro_f1_interval(macro_f1(drawn), drawn.tolist())
        held.append(low <= truth <= high)
    assert least < np.mean(held) < 0.985


def test_a_class_has_a_part_in_macro_f1_if_it_is_among_labels_or_predictions() -> None:
    """One that is only among the predictions has an F1 of 0, as scikit-learn has it, too."""
    confusion = [[40, 10, 0], [0, 0, 0], [0, 0, 0]]
    assert macro_f1_interval(0.4, confusion) == macro_f1_interval(0.4, [[40, 10], [0, 0]])
    low, high = macro_f1_interval(macro_f1(np.array(confusion)), confusion)
    assert low < macro_f1(np.array(confusion)) < high


def test_of_a_single_class_macro_f1_is_a_share() -> None:
    assert macro_f1_interval(1.0, [[40, 0], [0, 0]]) == pytest.approx(wilson(40, 40))
    assert macro_f1_interval(0.0, [[0, 0], [0, 0]]) == pytest.approx(wilson(0, 1))
