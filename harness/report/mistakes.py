"""The worst mistakes of a run: the errors it was surest of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harness.report import units
from harness.report.evidence import Evidence
from harness.report.views import Cell, Head, Line, View
from harness.schema import RunRecord

MOST = 24
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


@dataclass(frozen=True)
class Face:
    """A test image as PNG, with words to stand below it."""

    index: int
    text: str
    png: bytes
    width: int
    height: int


def worst_mistakes(record: RunRecord, evidence: Evidence) -> tuple[Mistake, ...]:
    """Return the errors, the surest first; none where the predictions are not this run's."""
    classes, found = record.dataset.classes, evidence.probabilities
    labels = evidence.labels
    if found is None or labels is None or record.test is None:
        return ()
    if found.shape != (record.test.n, len(classes)) or labels.shape != (record.test.n,):
        return ()
    if record.test.n == 0 or labels.min() < 0 or labels.max() >= len(classes):
        return ()
    predicted = found.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    order = wrong[np.argsort(-found[wrong, predicted[wrong]], kind="stable")][:MOST]
    return tuple(
        Mistake(
            int(index),
            classes[labels[index]],
            classes[predicted[index]],
            float(found[index, predicted[index]]),
            float(found[index, labels[index]]),
        )
        for index in order
    )


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
                Cell(units.percent(one.probability), value=one.probability),
                Cell(units.percent(one.of_true), value=one.of_true),
            ),
        )
        for one in mistakes
    )
    return View("Worst mistakes", "test image", heads, lines, (NOTE,)) if lines else None


def faces(mistakes: Sequence[Mistake], images: NDArray[np.uint8] | None) -> tuple[Face, ...]:
    """Return the test images of the mistakes, where images were given."""
    if images is None:
        return ()
    return tuple(_face(one, images[one.index]) for one in mistakes if one.index < len(images))


def _face(one: Mistake, pixels: NDArray[Any]) -> Face:
    # Two channels or four are no photograph that a browser knows: the first is shown.
    flat = pixels if pixels.ndim == 2 or pixels.shape[2] == 3 else pixels[..., 0]
    Image.fromarray(np.ascontiguousarray(flat)).save(buffer := io.BytesIO(), "PNG")
    text = (
        f"{one.index}: {one.true}, taken for {one.predicted} ({units.percent(one.probability)} %)"
    )
    height, width = flat.shape[:2]
    return Face(one.index, text, buffer.getvalue(), width, height)
