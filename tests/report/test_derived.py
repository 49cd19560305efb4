import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from harness.report.derived import class_scores, clean_quality, mean_and_deviation


def test_precision_and_f1_are_those_of_sklearn():
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 5, 400), random.integers(0, 5, 400)
    confusion = np.zeros((5, 5), int)
    np.add.at(confusion, (labels, predicted), 1)
    precision, _, f1, _ = precision_recall_fscore_support(labels, predicted)
    scores = class_scores(confusion.tolist())
    assert [score.precision for score in scores] == pytest.approx(precision)
    assert [score.f1 for score in scores] == pytest.approx(f1)


def test_a_score_without_a_denominator_is_none():
    never_predicted, absent, both = class_scores([[0, 0, 3], [0, 0, 0], [0, 0, 5]])
    assert (never_predicted.precision, never_predicted.f1) == (None, 0.0)
    assert (absent.precision, absent.f1) == (None, None)
    assert both.precision == 5 / 8


def test_the_deviation_is_that_of_a_sample():
    values = [0.71, 0.72, 0.76]
    assert mean_and_deviation(values) == pytest.approx((np.mean(values), np.std(values, ddof=1)))


@pytest.mark.parametrize("count", [2, 3, 5, 7])
def test_equal_values_deviate_by_nothing_however_their_sum_is_rounded(count) -> None:
    for right in range(0, 3590, 7):
        assert mean_and_deviation([right / 3589] * count) == (right / 3589, 0)


def test_a_clean_test_that_leaves_nothing_out_is_none_of_its_own(make_record, make_metrics):
    clean = make_metrics(1.0, n=500)
    assert clean_quality(make_record(test_clean=clean)) == clean
    assert clean_quality(make_record(test_clean=make_metrics(1.0, n=700))) is None
    assert clean_quality(make_record()) is None
