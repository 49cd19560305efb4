"""The table of recall per class, with intervals."""

from __future__ import annotations

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.columns import Column, ToCell
from harness.report.views.results import WIDE, add_notes, lines_of
from harness.report.views.table import Cell, Head, Line, View, mark_best

TITLE = "Recall per class"
NOTE = "Recall in per cent with its 95 % Wilson interval; n is the number of test images."


def class_view(comparison: Comparison) -> View:
    """Return recall per class with intervals.

    There is a line for each model, or a line for each class where the classes are many.
    """
    if len(comparison.dataset.classes) <= WIDE:
        return _class_view_by_model(comparison)
    return _class_view_by_class(comparison)


def _class_view_by_model(comparison: Comparison) -> View:
    classes = comparison.dataset.classes
    parts = [
        Column(Head(name, "high", _count(comparison, name)), _recall_cell(name), units.percent)
        for name in classes
    ]
    lines = [line for line in lines_of(comparison, parts) if line.kind != "unfinished"]
    heads = tuple(column.head for column in parts)
    return add_notes(View(TITLE, "model", heads, mark_best(heads, lines), (NOTE,)))


def _class_view_by_class(comparison: Comparison) -> View:
    lines = tuple(
        Line(
            name,
            (Cell(_count(comparison, name)), *(_recall_cell(name)(r) for r in comparison.done)),
        )
        for name in comparison.dataset.classes
    )
    heads = (Head("images"), *(Head(row.label) for row in comparison.done))
    return View(TITLE, "class", heads, lines, (NOTE,))


def _count(comparison: Comparison, name: str) -> str:
    counts = {
        row.record.test.recall[name].n
        for row in comparison.done
        if row.record.test and name in row.record.test.recall
    }
    return f"n = {counts.pop()}" if len(counts) == 1 else ""


def _recall_cell(name: str) -> ToCell:
    def cell(row: Row) -> Cell:
        found = row.record.test.recall.get(name) if row.record.test else None
        if found is None or found.recall is None:
            return Cell()
        low, high = found.low, found.high
        note = "" if low is None or high is None else units.interval(low, high)
        return Cell(units.percent(found.recall), note, found.recall)

    return cell
