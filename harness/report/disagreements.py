"""The test images on which the models disagree: where one of them knows what another does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import entr

from harness.report import units
from harness.report.comparison import Comparison, Group
from harness.report.evidence import Reader
from harness.report.face import Face, make_face
from harness.report.views import Cell, Head, Line, View

MOST = 24
# A table with more columns is no longer read.
MODELS = 6
BLOCK = 2**20  # So many probabilities at a time.
NOTE = (
    "Each model by the mean of its seeds' probabilities, with that of the class it chose in per "
    "cent. Sorted by how far the models are apart (Jensen–Shannon divergence in bits, Lin 1991); "
    "the index counts from 0 within test_images.npy."
)


@dataclass(frozen=True)
class Disagreement:
    """A test image that models see differently.

    ``predicted`` and ``confidence`` are each model's class and its probability; ``divergence`` is
    in bits.
    """

    index: int
    true: str
    divergence: float
    predicted: tuple[str, ...]
    confidence: tuple[float, ...]


@dataclass(frozen=True)
class Disagreements:
    """All images on which predictions differ, those furthest apart first, and the models.

    ``missing`` are the models of which not all seeds left predictions of use.
    """

    models: tuple[str, ...]
    found: tuple[Disagreement, ...]
    images: NDArray[np.uint8] | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mean:
    """What a model says on average over its seeds: ``(N, classes)``."""

    label: str
    probabilities: NDArray[np.floating[Any]]
    labels: NDArray[np.integer[Any]]
    images: NDArray[np.uint8] | None


def find_disagreements(comparison: Comparison, reader: Reader) -> Disagreements | None:
    """Return where the models disagree; None with fewer than two that left predictions."""
    rivals = comparison.rivals
    means = [mean for group in rivals if (mean := _mean(group, reader))]
    means = [mean for mean in means if np.array_equal(mean.labels, means[0].labels)]
    if len(means) < 2:
        return None
    names = comparison.dataset.classes
    predicted = np.stack([mean.probabilities.argmax(axis=1) for mean in means])
    confidence = np.stack([mean.probabilities.max(axis=1) for mean in means])
    differ = np.flatnonzero((predicted != predicted[0]).any(axis=0))
    divergence = _divergence([mean.probabilities for mean in means], differ)
    order = np.argsort(-divergence, kind="stable")
    found = tuple(
        Disagreement(
            int(index),
            names[means[0].labels[index]],
            float(apart),
            tuple(names[label] for label in predicted[:, index]),
            tuple(float(value) for value in confidence[:, index]),
        )
        for index, apart in zip(differ[order], divergence[order], strict=True)
    )
    labels = tuple(mean.label for mean in means)
    missing = tuple(group.label for group in rivals if group.label not in labels)
    return Disagreements(labels, found, means[0].images, missing)


def _divergence(
    models: Sequence[NDArray[np.floating[Any]]], images: NDArray[np.integer[Any]]
) -> NDArray[np.floating[Any]]:
    """Return the divergence of these images, a block of them at a time: all would be copies."""
    size = max(1, BLOCK // (len(models) * models[0].shape[1]))
    blocks = (images[start : start + size] for start in range(0, len(images), size))
    parts = [jensen_shannon(np.stack([one[block] for one in models])) for block in blocks]
    return np.concatenate([np.empty(0), *parts])


def jensen_shannon(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return the divergence ``(n,)``, in bits, of distributions ``(models, n, classes)``.

    The entropy of their mean minus the mean of their entropies (Lin 1991, IEEE Transactions on
    Information Theory 37:145-151): 0 where all agree, at most log2 of how many they are.
    """
    probabilities = probabilities.astype(np.float64, copy=False)
    together = entr(probabilities.mean(axis=0)).sum(axis=1)
    alone = entr(probabilities).sum(axis=2).mean(axis=0)
    return np.asarray(np.maximum(together - alone, 0) / np.log(2))


def disagreements_view(disagreements: Disagreements | None) -> View | None:
    """Return the images furthest apart as a table; None without any."""
    if disagreements is None or not disagreements.found:
        return None
    models = disagreements.models[:MODELS]
    heads = (
        Head("true class", words=True),
        Head("divergence bits"),
        *(Head(model, words=True) for model in models),
    )
    lines = tuple(_line(one, len(models)) for one in disagreements.found[:MOST])
    more = len(disagreements.models) - len(models)
    count = len(disagreements.found)
    seen = "image is" if count == 1 else "images are"
    notes = (
        f"{count} test {seen} seen differently; disagreements.csv has all of them.",
        NOTE,
        *(
            [f"{more} more {'model is' if more == 1 else 'models are'} left out here."]
            if more
            else []
        ),
        *(
            [
                f"Without {', '.join(disagreements.missing)}: not all seeds left predictions of "
                "these images."
            ]
            if disagreements.missing
            else []
        ),
    )
    return View("Where the models disagree", "test image", heads, lines, notes)


def disagreement_faces(disagreements: Disagreements | None) -> tuple[Face, ...]:
    """Return the images of the table, where images were given."""
    if disagreements is None or disagreements.images is None:
        return ()
    models, images = disagreements.models[:MODELS], disagreements.images
    return tuple(
        make_face(one.index, images[one.index], _words(one, models))
        for one in disagreements.found[:MOST]
        if one.index < len(images)
    )


def disagreement_frame(disagreements: Disagreements | None) -> pd.DataFrame:
    """Return a row for each image and model."""
    models = disagreements.models if disagreements else ()
    records = [
        {
            "index": one.index,
            "true": one.true,
            "divergence_bits": one.divergence,
            "model": model,
            "predicted": predicted,
            "probability": confidence,
        }
        for one in (disagreements.found if disagreements else ())
        for model, predicted, confidence in zip(models, one.predicted, one.confidence, strict=True)
    ]
    columns = ["index", "true", "divergence_bits", "model", "predicted", "probability"]
    return pd.DataFrame(records, columns=columns, dtype=object)


def _mean(group: Group, reader: Reader) -> _Mean | None:
    """Return the mean of the seeds' probabilities; None where a seed left none of its own.

    It is as exact as they are stored (float32), and one seed after the other is read for it.
    """
    total: NDArray[np.floating[Any]] | None = None
    for row in group.rows:
        part = reader(row.record)
        if part.why_unfit(row.record):
            return None
        assert part.labels is not None  # What is fit has both.
        assert part.probabilities is not None
        if total is None:
            labels, images, total = part.labels, part.images, part.probabilities
        elif np.array_equal(part.labels, labels):
            total = total + part.probabilities
        else:
            return None
    return None if total is None else _Mean(group.label, total / len(group.rows), labels, images)


def _line(one: Disagreement, models: int) -> Line:
    cells = (
        Cell(name, units.percent(confidence), confidence)
        for name, confidence in zip(one.predicted[:models], one.confidence[:models], strict=True)
    )
    apart = Cell(f"{one.divergence:.2f}", value=one.divergence)
    return Line(str(one.index), (Cell(one.true), apart, *cells))


def _words(one: Disagreement, models: Sequence[str]) -> str:
    seen = (f"{model} {name}" for model, name in zip(models, one.predicted, strict=False))
    return f"{one.true}; {', '.join(seen)}"
