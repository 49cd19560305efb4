"""The predicted classes that a run left, as far as they are there."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.versus.side import Result


@dataclass(frozen=True)
class Predictions:
    """The true and the predicted classes of the test images, int ``(N,)`` each."""

    labels: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]


def read_predictions(result: Result) -> Predictions | None:
    """Return a run's predictions; None where they are missing, damaged or not this run's."""
    path = result.folder / "predictions.npz" if result.folder else None
    if path is None or not path.is_file():
        return None
    try:
        return _read(path, result)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def _read(path: Path, result: Result) -> Predictions | None:
    # numpy leaves a damaged archive open.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        found = Predictions(arrays["test_labels"], arrays["test_probabilities"].argmax(axis=1))
    test = result.record.test
    if test is None or found.labels.shape != (test.n,) or found.predicted.shape != (test.n,):
        return None
    return found
