"""Every figure of quality, from probabilities and labels alone.

The figures are scikit-learn's, as the tests hold; importing it takes longer than a small report.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.statistics import wilson
from harness.schema import ClassRecall, Metrics

Probabilities = NDArray[np.floating]
Labels = NDArray[np.integer]

ECE_BINS = 15


def evaluate(probabilities: Probabilities, labels: Labels, classes: Sequence[str]) -> Metrics:
    """Return the quality of ``probabilities`` ``(N, classes)`` on ``labels`` ``(N,)``."""
    exact = np.asarray(probabilities, dtype=np.float64)
    # Rows of float32 sum to 1 only as nearly as float32 can say.
    exact = exact / exact.sum(axis=1, keepdims=True)
    confusion = confusion_counts(labels, exact.argmax(axis=1), len(classes))
    correct, n = int(np.trace(confusion)), len(labels)
    low, high = wilson(correct, n)
    recall = recall_by_class(confusion, classes)
    seen = [item.recall for item in recall.values() if item.recall is not None]
    return Metrics(
        n=n,
        accuracy=correct / n,
        accuracy_low=low,
        accuracy_high=high,
        uar=float(np.mean(seen)),
        macro_f1=macro_f1(confusion),
        top2=_top2(exact, labels),
        nll=negative_log_likelihood(exact, labels),
        ece=expected_calibration_error(exact, labels),
        brier=brier_score(exact, labels),
        recall=recall,
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
    )


def confusion_counts(labels: Labels, predicted: Labels, classes: int) -> NDArray[np.intp]:
    """Return how many images of each class (row) were taken for each class (column)."""
    cells = np.asarray(labels, dtype=np.intp) * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def macro_f1(confusion: NDArray[np.integer]) -> float:
    """Return the mean F1 of the classes, from a confusion matrix with true rows.

    F1 is 2 TP / (2 TP + FP + FN). A class takes part if it is among the labels or the predictions,
    as scikit-learn counts.
    """
    occurrences = confusion.sum(axis=0) + confusion.sum(axis=1)
    takes_part = occurrences > 0
    return float(np.mean(2 * np.diag(confusion)[takes_part] / occurrences[takes_part]))


def negative_log_likelihood(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean of -ln p of the true class, in nats.

    Probabilities are kept a rounding of float64 away from 0 and 1, as scikit-learn's log_loss does:
    one certain mistake costs 36 nats and not infinitely many.
    """
    of_true = probabilities[np.arange(len(labels)), labels]
    least = np.finfo(np.float64).eps
    return float(-np.log(np.clip(of_true, least, 1 - least)).mean())


def recall_by_class(
    confusion: NDArray[np.integer], classes: Sequence[str]
) -> dict[str, ClassRecall]:
    """Return the recall of every class, from a confusion matrix with true rows.

    A class without images has no recall.
    """
    recall = {}
    for index, name in enumerate(classes):
        n, correct = int(confusion[index].sum()), int(confusion[index, index])
        if n == 0:
            recall[name] = ClassRecall(recall=None, low=None, high=None, n=0)
            continue
        low, high = wilson(correct, n)
        recall[name] = ClassRecall(recall=correct / n, low=low, high=high, n=n)
    return recall


def expected_calibration_error(
    probabilities: Probabilities, labels: Labels, bins: int = ECE_BINS
) -> float:
    """Return the expected calibration error over equally wide bins of confidence.

    The mean over bins, weighted by their images, of |accuracy - confidence| (Guo et al. 2017,
    arXiv:1706.04599, equation 3); a bin is open at its left and closed at its right end.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    place = bins_of(confidence, bins)
    gap = np.bincount(place, weights=correct - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(labels))


def bins_of(confidence: NDArray[np.floating], bins: int) -> NDArray[np.intp]:
    """Return the bin, from 0 on, of each confidence: open at its left, closed at its right end."""
    place: NDArray[np.intp] = np.ceil(confidence * bins).astype(np.intp) - 1
    return place.clip(0, bins - 1)


def brier_score(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean squared distance from the true class's unit vector, 0–2.

    The original form over all classes (Brier 1950, Monthly Weather Review 78:1-3).
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(np.sum((probabilities - truth) ** 2, axis=1)))


def _top2(probabilities: Probabilities, labels: Labels) -> float | None:
    """Return the share of images whose class is among the two likeliest; of ties, the first two."""
    if probabilities.shape[1] < 3:
        return None
    # As argmax breaks ties, so that it is never below the accuracy.
    two = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    return float((two == np.asarray(labels)[:, None]).any(axis=1).mean())
