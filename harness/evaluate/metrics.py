"""Every figure of quality, from probabilities and labels alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, log_loss, top_k_accuracy_score

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
    every = range(len(classes))
    predicted = exact.argmax(axis=1)
    confusion = confusion_matrix(labels, predicted, labels=every)
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
        macro_f1=float(f1_score(labels, predicted, average="macro")),
        top2=_top2(exact, labels),
        nll=float(log_loss(labels, exact, labels=every)),
        ece=expected_calibration_error(exact, labels),
        brier=brier_score(exact, labels),
        recall=recall,
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
    )


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
    classes = probabilities.shape[1]
    if classes < 3:
        return None
    return float(top_k_accuracy_score(labels, probabilities, k=2, labels=range(classes)))
