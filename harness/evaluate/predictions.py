"""`predictions.npz`: what a run predicted, kept so that every figure can be had again from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.damage import DAMAGE
from harness.errors import StoreError
from harness.files import whole

FILE = "predictions.npz"
NEEDED = {"test_probabilities", "test_labels"}
Predictions = Mapping[str, NDArray[Any]]


def save_predictions(folder: Path, predictions: Predictions) -> None:
    """Write the arrays into ``folder``, at once or not at all."""
    with whole(folder / FILE) as hidden, hidden.open("wb") as file:
        np.savez(file, **predictions)  # type: ignore[arg-type]


def read_predictions(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays by name. Raises `StoreError` where they are missing or damaged."""
    path = folder / FILE
    try:
        # numpy leaves a damaged archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except DAMAGE as error:
        raise StoreError(
            f"{path} cannot be read: it is missing, damaged or holds Python objects; "
            "`harness run --force` makes the run again"
        ) from error
    missing = sorted(NEEDED - found.keys())
    if missing:
        raise StoreError(f"{path} lacks {', '.join(missing)}; remove its folder to run it again")
    return found


def clean_mask(indices: NDArray[np.integer[Any]], n: int) -> NDArray[np.bool_]:
    """Return ``test_clean``: bool ``(n,)``, true at the indices of the clean test images."""
    mask = np.zeros(n, dtype=bool)
    mask[indices] = True
    return mask
