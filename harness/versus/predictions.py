"""The predicted classes that a run left, as far as they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import StoreError
from harness.evaluate import predictions as stored
from harness.versus.side import Result


@dataclass(frozen=True)
class Predictions:
    """The true and the predicted classes of the test images, int ``(N,)`` each."""

    labels: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]


def read_predictions(result: Result) -> Predictions | None:
    """Return a run's predictions; None where they are missing, damaged or not this run's."""
    test = result.record.test
    if result.folder is None or test is None:
        return None
    try:
        arrays = stored.read_predictions(result.folder)
    except StoreError:
        return None
    labels, probabilities = arrays["test_labels"], arrays["test_probabilities"]
    classes = len(result.record.dataset.classes)
    if labels.shape != (test.n,) or probabilities.shape != (test.n, classes):
        return None
    return Predictions(labels, probabilities.argmax(axis=1))
