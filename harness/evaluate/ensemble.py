"""What an ensemble predicts: the mean of its parts' probabilities."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError

Predictions = Mapping[str, NDArray[Any]]


def mean_predictions(parts: Sequence[Predictions]) -> dict[str, NDArray[Any]]:
    """Return predictions like those of the parts, with the mean of their probabilities.

    The arrays are those of ``predictions.npz`` that all parts have; labels and whatever else is no
    probability must be the same in all. Raises `DataError` where they are not.
    """
    common = set.intersection(*(set(part) for part in parts))
    return {name: _mean(name, [part[name] for part in parts]) for name in sorted(common)}


def _mean(name: str, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    first = arrays[0]
    if "probabilities" in name:
        if any(array.shape != first.shape for array in arrays):
            raise DataError(f"{name} differ in shape, so the parts are no ensemble")
        return np.asarray(np.mean(np.stack(arrays), axis=0, dtype=np.float64))
    if any(not np.array_equal(array, first) for array in arrays):
        raise DataError(f"{name} differ, so the parts were not evaluated on the same images")
    return first
