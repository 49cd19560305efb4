"""The predicted classes that a run left, or why there are none of use."""

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
    """The true and the predicted classes of the test images, int ``(N,)`` each.

    ``clean`` is true where an image has no twin in training; None where the run does not say so.
    """

    labels: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]
    clean: NDArray[np.bool_] | None


def read_predictions(result: Result) -> Predictions | str:
    """Return a run's predictions, or why they cannot be had or are not this run's."""
    if result.folder is None:
        return "a report alone has no predictions"
    if not (result.folder / stored.FILE).is_file():
        return "there are no predictions"
    try:
        arrays = stored.read_predictions(result.folder)
    except StoreError:
        return "the predictions cannot be read"
    labels, probabilities = arrays["test_labels"], arrays["test_probabilities"]
    record = result.record
    reason = stored.why_unfit(
        record.test,
        "test",
        len(record.dataset.classes),
        probabilities,
        labels,
        lambda: probabilities.argmax(axis=1),
    )
    if reason:
        return reason
    predicted = probabilities.argmax(axis=1)
    mask = stored.fitting_mask(record, arrays.get("test_clean"), labels, predicted)
    return Predictions(labels, predicted, mask)
