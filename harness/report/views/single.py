"""The tables of one run: quality on each split, and class by class."""

from __future__ import annotations

from harness.report import units
from harness.report.derived import class_scores
from harness.report.views.table import (
    Cell,
    Head,
    Line,
    View,
    accuracy,
    macro_f1,
    recall,
    share,
    uar,
)
from harness.report.views.tta import tta_splits
from harness.schema import Metrics, RunRecord


def quality_view(record: RunRecord) -> View:
    """Return the quality on each split that was evaluated."""
    splits: tuple[tuple[str, Metrics | None], ...] = (
        ("test", record.test),
        ("test without twins", record.test_clean),
        *tta_splits(record),
        ("validation", record.valid),
        ("training", record.train),
    )
    heads = (
        Head("images"),
        Head("accuracy %", "high"),
        Head("UAR %", "high"),
        Head("macro-F1 %", "high"),
        Head("top-2 %", "high"),
        Head("NLL", "low"),
        Head("Brier", "low"),
        Head("ECE %", "low"),
    )
    lines = tuple(Line(name, _quality(metrics)) for name, metrics in splits if metrics)
    notes = (
        "Accuracy, UAR (the mean recall of the classes) and macro-F1 (that of their F1) with their "
        "95 % intervals. "
        "NLL: mean negative log-likelihood in nats. Brier: mean squared distance of the "
        "probabilities from the truth, 0–2. ECE: expected calibration error.",
    )
    return View("Quality", "split", heads, lines, notes)


def _quality(metrics: Metrics) -> tuple[Cell, ...]:
    return (
        Cell(str(metrics.n), value=metrics.n),
        accuracy(metrics),
        uar(metrics),
        macro_f1(metrics),
        share(metrics.top2),
        Cell(f"{metrics.nll:.3f}", value=metrics.nll),
        Cell(f"{metrics.brier:.3f}", value=metrics.brier),
        share(metrics.ece),
    )


def class_by_class(record: RunRecord) -> View:
    """Return recall, precision, F1 and the class most often seen instead, a line for each class."""
    test, classes = record.test, record.dataset.classes
    assert test is not None  # A run without a result has no such table.
    scores = class_scores(test.confusion)
    lines = tuple(
        Line(
            name,
            (
                Cell(str(sum(test.confusion[index])), value=sum(test.confusion[index])),
                recall(test.recall.get(name)),
                share(scores[index].precision),
                share(scores[index].f1),
                _instead(test.confusion[index], index, classes),
            ),
        )
        for index, name in enumerate(classes)
    )
    heads = (
        Head("images"),
        Head("recall %", "high"),
        Head("precision %", "high"),
        Head("F1 %", "high"),
        Head("most often taken for", words=True),
    )
    note = "On the test images; recall with its 95 % Wilson interval."
    return View("Class by class", "class", heads, lines, (note,))


def _instead(counts: tuple[int, ...], index: int, classes: tuple[str, ...]) -> Cell:
    """Return the class that most of a class's images were wrongly taken for."""
    wrong = [(count, -other) for other, count in enumerate(counts) if other != index and count]
    if not wrong:
        return Cell()
    count, other = max(wrong)
    return Cell(
        classes[-other], f"{units.counted(count, 'image')}, {units.percent(count / sum(counts))} %"
    )
