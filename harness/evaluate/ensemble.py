"""What an ensemble predicts: the mean of its parts' probabilities."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError

Predictions = Mapping[str, NDArray[Any]]


def mean_predictions(parts: Sequence[Predictions]) -> dict[str, NDArray[Any]]:
    """Return predictions like those of the parts, with the mean of their probabilities.

    The arrays are those of ``predictions.npz`` that all parts have. Labels must be the same in all:
    raises `DataError` where they are not. What else is no probability tells how the images were
    judged (by an audit, by votes) and is left out where it differs.
    """
    common = set.intersection(*(set(part) for part in parts))
    arrays = {name: [part[name] for part in parts] for name in sorted(common)}
    return {name: _mean(name, given) for name, given in arrays.items() if _shared(name, given)}


def _shared(name: str, arrays: Sequence[NDArray[Any]]) -> bool:
    """Whether an array is one that parts are averaged by or on, or is the same in all of them."""
    if "probabilities" in name or "labels" in name:
        return True
    return all(np.array_equal(array, arrays[0]) for array in arrays)


def _mean(name: str, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    first = arrays[0]
    if "probabilities" in name:
        if any(array.shape != first.shape for array in arrays):
            raise DataError(f"{name} differ in shape, so the parts are no ensemble")
        return np.asarray(np.mean(np.stack(arrays), axis=0, dtype=np.float64))
    if any(not np.array_equal(array, first) for array in arrays):
        raise DataError(f"{name} differ, so the parts were not evaluated on the same images")
    return first
