"""The worst mistakes of a run: the errors it was surest of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import starmap
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.report import units
from harness.report.comparison import Comparison
from harness.report.evidence import Evidence, Reader
from harness.report.face import Face, make_face
from harness.report.views import Cell, Head, Line, View
from harness.report.views.table import share
from harness.schema import RunRecord

MOST = 24
LISTED = 100  # In the file for programs.
NOTE = (
    "The errors on test images that the model was surest of; the index counts from 0 within "
    "test_images.npy."
)


@dataclass(frozen=True)
class Mistake:
    """A test image that was taken for another class, and the two classes' probabilities."""

    index: int
    true: str
    predicted: str
    probability: float
    of_true: float


def worst_mistakes(record: RunRecord, evidence: Evidence) -> tuple[Mistake, ...]:
    """Return the errors, the surest first; none where the predictions are not this run's."""
    return tuple(starmap(Mistake, _worst(record, evidence, MOST)))


def _worst(record: RunRecord, evidence: Evidence, most: int) -> Iterable[tuple[Any, ...]]:
    """Return the fields of `Mistake`: the surest ``most``, the surest first."""
    classes, found = record.dataset.classes, evidence.probabilities
    labels = evidence.labels
    if found is None or labels is None or evidence.why_unfit(record):
        return ()
    predicted = evidence.predicted
    wrong = np.flatnonzero(predicted != labels)
    order = wrong[np.argsort(-found[wrong, predicted[wrong]], kind="stable")][:most]
    true, chosen = labels[order], predicted[order]
    return zip(
        order.tolist(),
        [classes[label] for label in true.tolist()],
        [classes[label] for label in chosen.tolist()],
        found[order, chosen].tolist(),
        found[order, true].tolist(),
        strict=True,
    )


def mistake_frame(comparison: Comparison, reader: Reader) -> pd.DataFrame:
    """Return a row for each of a run's worst mistakes, at most `LISTED` of a run."""
    records = [
        (row.label, row.record.key, *one)
        for row in comparison.done
        for one in _worst(row.record, reader(row.record), LISTED)
    ]
    columns = ["label", "key", *(field.name for field in fields(Mistake))]
    return pd.DataFrame(records, columns=columns, dtype=object)


def mistakes_view(mistakes: Sequence[Mistake]) -> View | None:
    """Return the mistakes as a table; None without any."""
    heads = (
        Head("true class", words=True),
        Head("predicted class", words=True),
        Head("probability %"),
        Head("of the true class %"),
    )
    lines = tuple(
        Line(
            str(one.index),
            (
                Cell(one.true),
                Cell(one.predicted),
                share(one.probability),
                share(one.of_true),
            ),
        )
        for one in mistakes
    )
    return View("Worst mistakes", "test image", heads, lines, (NOTE,)) if lines else None


def faces(mistakes: Sequence[Mistake], images: NDArray[np.uint8] | None) -> tuple[Face, ...]:
    """Return the test images of the mistakes, where images were given."""
    if images is None:
        return ()
    return tuple(
        make_face(one.index, images[one.index], _words(one))
        for one in mistakes
        if one.index < len(images)
    )


def _words(one: Mistake) -> str:
    return f"{one.true}, taken for {one.predicted} ({units.percent(one.probability)} %)"
