"""What a run left beside its record, as far as it is there: predictions, images and the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.schema import RunRecord


@dataclass(frozen=True)
class Evidence:
    """Arrays of the test split and the text of the log; what is not there is None or empty.

    ``probabilities`` are ``(N, classes)``, ``labels`` integers ``(N,)`` and ``images`` uint8
    ``(N, H, W)`` or ``(N, H, W, C)``, all in the split's order. ``predictions`` are all arrays of
    ``predictions.npz``.
    """

    probabilities: NDArray[np.floating[Any]] | None = None
    labels: NDArray[np.integer[Any]] | None = None
    images: NDArray[np.uint8] | None = None
    log: str = ""
    predictions: Mapping[str, NDArray[Any]] = field(default_factory=dict)


Reader = Callable[[RunRecord], Evidence]


def nothing(record: RunRecord) -> Evidence:
    """Return no evidence at all: what a report has that knows records alone."""
    return Evidence()
