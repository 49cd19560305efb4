"""The predicted test classes of each configuration by seed, as far as its runs left them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.predictions import fitting_mask
from harness.report.comparison import Group, Row
from harness.report.evidence import Evidence, Reader

Classes = NDArray[np.integer[Any]]
AUDITS = (
    "Without verdicts on the clean test, since not all runs were judged by one audit of the data; "
    "`harness run` judges them again."
)


@dataclass(frozen=True)
class Predicted:
    """A configuration, and the predicted classes ``(N,)`` of each of its seeds."""

    label: str
    by_seed: dict[int, Classes]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, from the lowest."""
        return tuple(sorted(self.by_seed))


@dataclass(frozen=True)
class Gathered:
    """The test labels ``(N,)``, the configurations with predictions, and sentences on the rest.

    ``clean`` ``(N,)`` is true where an image has no twin in training: None where not all runs say
    the same of it, and where none has one, or all have.
    """

    labels: Classes
    predicted: tuple[Predicted, ...]
    left_out: tuple[str, ...]
    clean: NDArray[np.bool_] | None = None

    @property
    def without_twins(self) -> Gathered | None:
        """The same of the clean test images alone."""
        if self.clean is None:
            return None
        predicted = tuple(
            Predicted(one.label, {seed: found[self.clean] for seed, found in one.by_seed.items()})
            for one in self.predicted
        )
        return Gathered(self.labels[self.clean], predicted, self.left_out)


def gather(groups: Iterable[Group], evidence: Reader) -> Gathered:
    """Return what the runs predicted, on the labels that the first usable one left.

    Predictions are of no use where they are missing, do not give the record's confusion matrix, or
    are on other labels than the first. Each run's evidence is read once.
    """
    labels: Classes = np.empty(0, dtype=np.int64)
    predicted, without = [], []
    masks: dict[bytes, NDArray[np.bool_] | None] = {}
    in_none: dict[str, list[str]] = {}
    for group in groups:
        by_seed: dict[int, Classes] = {}
        reasons: dict[int, str] = {}
        for row in group.rows:
            left = evidence(row.record)
            found = _classes(row, left, labels)
            if isinstance(found, str):
                reasons.setdefault(row.record.seed, found)
                continue
            labels = found[0]
            mask = _clean_of(row, left)
            masks[b"" if mask is None else mask.tobytes()] = mask
            # A seed that is there twice, say from two copies of a store, tells nothing new.
            by_seed.setdefault(row.record.seed, found[1])
        missing = {seed: reason for seed, reason in reasons.items() if seed not in by_seed}
        if by_seed:
            predicted.append(Predicted(group.label, by_seed))
        if by_seed and missing:
            without.append(_without(group.label, missing))
        if not by_seed:
            in_none.setdefault(_why(missing), []).append(group.label)
    unjudged = (f"In no pair: {', '.join(names)} ({why})." for why, names in in_none.items())
    told = [AUDITS] if len(masks) > 1 else []
    clean = _mask(list(masks.values()))
    return Gathered(labels, tuple(predicted), (*without, *unjudged, *told), clean)


def _clean_of(row: Row, left: Evidence) -> NDArray[np.bool_] | None:
    assert left.labels is not None  # Of a run whose predictions are of use.
    return fitting_mask(row.record, left.predictions.get("test_clean"), left.labels, left.predicted)


def _mask(masks: list[NDArray[np.bool_] | None]) -> NDArray[np.bool_] | None:
    """Return the one mask of all, where it tells some images from others."""
    if len(masks) != 1 or masks[0] is None or masks[0].all() or not masks[0].any():
        return None
    return masks[0]


def _classes(row: Row, found: Evidence, labels: Classes) -> tuple[Classes, Classes] | str:
    """Return a run's labels and predicted classes, or why they are of no use."""
    if reason := found.why_unfit(row.record):
        return reason
    assert found.labels is not None
    if len(labels) and not np.array_equal(found.labels, labels):
        return "the test labels are not those of the other runs"
    return found.labels, found.predicted


def _without(label: str, missing: dict[int, str]) -> str:
    seeds = ", ".join(map(str, sorted(missing)))
    return f"{label} is judged without seed{'s' * (len(missing) > 1)} {seeds} ({_why(missing)})."


def _why(missing: dict[int, str]) -> str:
    return " and ".join(sorted(set(missing.values())))
