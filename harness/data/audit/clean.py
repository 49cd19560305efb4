"""The test images without a twin in the training split, listed in a file of their own."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.damage import DAMAGE
from harness.errors import DataError
from harness.schema import AuditCard

CLEAN_TEST = "clean_test.npy"


def indices_sha256(indices: NDArray[np.int64]) -> str:
    """Return the SHA-256 of indices, whatever their file's header says."""
    return hashlib.sha256(np.ascontiguousarray(indices, "<i8").tobytes()).hexdigest()


def read_clean(folder: Path, card: AuditCard) -> NDArray[np.int64]:
    """Return the indices ``int64 (n,)`` of the clean test images, sorted.

    Raises `DataError` where the file is not the one that ``card`` speaks of.
    """
    path = folder / CLEAN_TEST
    advice = "audit the data again: harness data audit DIR --force"
    try:
        indices = np.asarray(np.load(path, allow_pickle=False), np.int64)
    except DAMAGE as error:
        raise DataError(f"{path} cannot be read as an array of indices; {advice}") from error
    if indices_sha256(indices) != card.clean_sha256:
        raise DataError(f"{path} is not the one that the audit wrote; {advice}")
    return indices
