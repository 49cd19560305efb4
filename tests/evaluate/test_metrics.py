import math

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics as reference

from harness.evaluate.metrics import (
    confusion_counts,
    evaluate,
    expected_calibration_error,
    macro_f1,
    negative_log_likelihood,
)
from harness.evaluate.statistics import wilson

CLASSES = ("a", "b", "c", "d")


def sample(n: int = 500, classes: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    logits = random.normal(0, 1, (n, classes)) + 1.2 * np.eye(classes)[labels]
    return softmax(logits, axis=1).astype(np.float32), labels


def test_the_figures_are_scikit_learns() -> None:
    probabilities, labels = sample()
    found = evaluate(probabilities, labels, CLASSES)
    predicted = probabilities.argmax(1)
    assert found.n == 500
    assert found.accuracy == reference.accuracy_score(labels, predicted)
    assert found.uar == pytest.approx(reference.balanced_accuracy_score(labels, predicted))
    assert found.macro_f1 == pytest.approx(reference.f1_score(labels, predicted, average="macro"))
    assert found.top2 == reference.top_k_accuracy_score(labels, probabilities, k=2)
    exact = probabilities.astype(float)
    assert found.nll == pytest.approx(-np.log(exact[np.arange(500), labels]).mean(), rel=1e-6)
    per_class = [(exact[:, c] - (labels == c)) ** 2 for c in range(4)]
    assert found.brier == pytest.approx(np.sum(per_class, axis=0).mean(), rel=1e-6)
    assert found.confusion == tuple(map(tuple, reference.confusion_matrix(labels, predicted)))
    recalls = reference.recall_score(labels, predicted, average=None)
    assert [found.recall[name].recall for name in CLASSES] == pytest.approx(recalls)
    assert [found.recall[name].n for name in CLASSES] == np.bincount(labels).tolist()


def test_rows_of_the_confusion_matrix_are_the_true_classes() -> None:
    probabilities = np.eye(4)[[1, 1, 1]]
    confusion = evaluate(probabilities, np.array([0, 0, 2]), CLASSES).confusion
    assert confusion[0][1] == 2
    assert confusion[2][1] == 1


def test_intervals_are_wilsons() -> None:
    # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    probabilities, labels = sample()
    found = evaluate(probabilities, labels, CLASSES)
    p, n, z = found.accuracy, 500, 1.959963984540054
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    assert found.accuracy_low == pytest.approx(middle - half)
    assert found.accuracy_high == pytest.approx(middle + half)


def test_the_calibration_error_is_that_of_a_plain_loop() -> None:
    probabilities, labels = sample(seed=3)
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    expected = 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    found = evaluate(probabilities, labels, CLASSES).ece
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_certain_model_that_is_always_right_has_no_calibration_error() -> None:
    labels = np.arange(4)
    assert expected_calibration_error(np.eye(4), labels) == 0
    assert expected_calibration_error(np.eye(4), (labels + 1) % 4) == 1


def test_a_class_without_images_has_no_recall_and_leaves_the_mean_alone() -> None:
    probabilities, labels = sample(classes=4)
    present = labels != 3
    found = evaluate(probabilities[present], labels[present], CLASSES)
    assert found.recall["d"].recall is None
    assert found.recall["d"].n == 0
    others = [found.recall[name].recall for name in "abc"]
    assert found.uar == pytest.approx(np.mean(others))


def test_two_classes_have_no_top_2() -> None:
    probabilities, labels = sample(classes=2)
    assert evaluate(probabilities, labels, ("no", "yes")).top2 is None


def test_a_probability_of_zero_for_the_truth_stays_finite() -> None:
    found = evaluate(np.eye(4)[[0]], np.array([1]), CLASSES)
    assert math.isfinite(found.nll)
    assert found.nll > 30


def test_a_hundred_classes_are_no_different() -> None:
    probabilities, labels = sample(n=2000, classes=100)
    names = tuple(str(index) for index in range(100))
    found = evaluate(probabilities, labels, names)
    expected = reference.top_k_accuracy_score(labels, probabilities, k=2, labels=range(100))
    assert found.top2 == expected
    assert len(found.confusion) == 100


def test_of_equal_probabilities_the_first_classes_are_the_likelier_for_top2_and_accuracy() -> None:
    probabilities = np.array([[0.4, 0.3, 0.3, 0.0], [0.25, 0.25, 0.25, 0.25]] * 4)
    for label, accuracy, top2 in ((0, 1.0, 1.0), (1, 0.0, 1.0), (2, 0.0, 0.0)):
        found = evaluate(probabilities, np.full(8, label), CLASSES)
        assert (found.accuracy, found.top2) == (accuracy, top2)


@pytest.mark.parametrize("absent", [{3}, {0, 2}])
def test_a_class_that_neither_is_nor_is_predicted_has_no_part_in_macro_f1(absent) -> None:
    probabilities, labels = sample()
    kept = ~np.isin(labels, list(absent))
    labels, predicted = labels[kept], probabilities.argmax(1)[kept]
    expected = reference.f1_score(labels, predicted, average="macro")
    assert macro_f1(confusion_counts(labels, predicted, 4)) == pytest.approx(expected)
    never = np.where(np.isin(predicted, list(absent)), labels, predicted)
    expected = reference.f1_score(labels, never, average="macro")
    assert macro_f1(confusion_counts(labels, never, 6)) == pytest.approx(expected)


def test_the_likelihood_of_certain_hits_and_mistakes_is_scikit_learns() -> None:
    probabilities = np.array([[1.0, 0, 0], [1.0, 0, 0], [0.2, 0.5, 0.3]])
    labels = np.array([0, 1, 2])
    expected = reference.log_loss(labels, probabilities, labels=range(3))
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(expected, rel=1e-12)


def test_the_small_labels_of_a_file_do_not_overflow() -> None:
    labels = np.full(5, 200, dtype=np.uint8)
    assert confusion_counts(labels, labels, 201)[200, 200] == 5
