"""The interval of the UAR: that of as many images as would have its variance."""

import numpy as np
import pytest
from scipy.stats import binomtest

from harness.evaluate.metrics import evaluate
from harness.evaluate.statistics import wilson
from harness.schema import ClassRecall, Metrics

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
