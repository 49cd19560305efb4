"""What a run left beside its record, as far as it is there: predictions, images and the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.predictions import why_unfit
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
    _whys: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def predicted(self) -> NDArray[np.integer[Any]]:
        """The likeliest classes ``(N,)``, found once for pairs, ensembles and mistakes."""
        assert self.probabilities is not None  # Who asks has looked.
        return np.asarray(self.probabilities.argmax(axis=1))

    def why_unfit(self, record: RunRecord) -> str:
        """Say why the test predictions are not those of this run; an empty text where they are."""
        if record.key not in self._whys:  # Ensembles, pairs, mistakes and its page ask.
            classes = len(record.dataset.classes)
            arrays = self.probabilities, self.labels
            self._whys[record.key] = why_unfit(
                record.test, "test", classes, *arrays, lambda: self.predicted
            )
        return self._whys[record.key]

    def why_unfit_on_valid(self, record: RunRecord) -> str:
        """Say the same of the validation predictions."""
        classes = len(record.dataset.classes)
        probabilities, labels = map(self.predictions.get, ("valid_probabilities", "valid_labels"))

        def predicted() -> NDArray[np.integer[Any]]:
            assert probabilities is not None  # Who asks has looked.
            return np.asarray(probabilities.argmax(axis=1))

        return why_unfit(record.valid, "validation", classes, probabilities, labels, predicted)


Reader = Callable[[RunRecord], Evidence]
MOST_BYTES = 2**30


def nothing(record: RunRecord) -> Evidence:
    """Return no evidence at all: what a report has that knows records alone."""
    return Evidence()


class Remembered:
    """A reader that reads each run once, for all that ask, as far as `MOST_BYTES` go.

    Beyond them a run is read again each time.
    """

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._found: dict[str, Evidence] = {}
        self._bytes = 0

    def __call__(self, record: RunRecord) -> Evidence:
        """Return what the run left."""
        if record.key in self._found:
            return self._found[record.key]
        found = self._read(record)
        size = _size(found)
        if self._bytes + size <= MOST_BYTES:
            self._bytes += size
            self._found[record.key] = found
        return found


def _size(found: Evidence) -> int:
    """Return the bytes of a run's own arrays; all runs share the images."""
    fields = [value for name, value in vars(found).items() if name != "images"]
    values = [x for one in fields for x in (one.values() if isinstance(one, Mapping) else (one,))]
    own = {id(x): x.nbytes for x in values if isinstance(x, np.ndarray)}
    return sum(own.values())


def remembered(read: Reader) -> Reader:
    """Return a reader that reads each run once."""
    return read if isinstance(read, Remembered) else Remembered(read)
