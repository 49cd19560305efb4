"""The few numbers that a report derives from a record's confusion matrix or from several runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.report.comparison import Group, Row
from harness.schema import Metrics, RunRecord


@dataclass(frozen=True)
class ClassScores:
    """Precision and F1 of one class; None where it has no denominator."""

    precision: float | None
    f1: float | None


def class_scores(confusion: Sequence[Sequence[int]]) -> tuple[ClassScores, ...]:
    """Return the scores of each class from a confusion matrix with true rows."""
    scores = []
    for index, row in enumerate(confusion):
        hits, true = row[index], sum(row)
        predicted = sum(other[index] for other in confusion)
        scores.append(
            ClassScores(
                precision=hits / predicted if predicted else None,
                f1=2 * hits / (true + predicted) if true + predicted else None,
            )
        )
    return tuple(scores)


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the sample standard deviation (n - 1) of two values or more."""
    # `statistics.stdev` reckons in fractions: ten times as long for the digits of a table. From the
    # first value on, since equal ones must deviate by 0, and their rounded mean may be another.
    apart = [value - values[0] for value in values]
    middle = math.fsum(apart) / len(apart)
    squares = math.fsum((value - middle) ** 2 for value in apart)
    return values[0] + middle, math.sqrt(squares / (len(apart) - 1))


def clean_quality(record: RunRecord) -> Metrics | None:
    """Return the quality on the clean test; None where it leaves no image out, or is not known."""
    test, clean = record.test, record.test_clean
    return clean if test and clean and clean.n < test.n else None


def clean_images(record: RunRecord) -> str:
    """Return which images the clean test has, "" where none are known.

    On others, a number is no better and no worse.
    """
    return record.audit.clean_sha256 if record.audit else ""


def a_twin(rows: Iterable[Row]) -> str:
    """Name what the test images of the clean test do not have in the training split."""
    audits = [row.record.audit for row in rows]
    told = all(audit.near is not None for audit in audits if audit)
    return "a twin" if told else "an exact twin"


def summed_confusion(group: Group) -> tuple[tuple[int, ...], ...]:
    """Return the confusion matrix on the test images, summed over the group's runs."""
    matrices = [row.record.test.confusion for row in group.rows if row.record.test]
    return tuple(
        tuple(sum(counts) for counts in zip(*lines, strict=True))
        for lines in zip(*matrices, strict=True)
    )
