"""The tables of recall per class, with intervals: on all test images, and on the clean ones."""

from __future__ import annotations

from collections.abc import Callable

from harness.report import units
from harness.report.comparison import Comparison, Group, Row
from harness.report.derived import a_twin, clean_images, clean_quality
from harness.report.views.columns import Column, ToCell
from harness.report.views.results import WIDE, add_notes, lines_of, over_seeds
from harness.report.views.table import Cell, Head, Line, View, mark_best, recall
from harness.schema import Metrics

Read = Callable[[Row], Metrics | None]

TITLE = "Recall per class"
NOTE = "Recall in per cent with its 95 % Wilson interval; n is the number of test images."
SEEDS = "Several seeds of a model are their mean ± standard deviation."
CLEAN = "Recall per class on the clean test"


def class_view(comparison: Comparison) -> View:
    """Return recall per class with intervals.

    There is a line for each model, or a line for each class, and a column for each
    configuration, where the classes are many.
    """
    return _view(comparison, TITLE, NOTE, lambda row: row.record.test)


def clean_class_view(comparison: Comparison) -> View | None:
    """Return recall per class on the clean test images, None where no run was judged on them."""
    if not any(clean_quality(row.record) for row in comparison.done):
        return None
    note = (
        f"The clean test: the test images without {a_twin(comparison.done)} in the training split. "
        "Recall in per cent with its 95 % Wilson interval."
    )
    return _view(comparison, CLEAN, note, lambda row: clean_quality(row.record))


def _view(comparison: Comparison, title: str, note: str, read: Read) -> View:
    if len(comparison.dataset.classes) <= WIDE:
        return _view_by_model(comparison, title, note, read)
    return _view_by_class(comparison, title, note, read)


def _view_by_model(comparison: Comparison, title: str, note: str, read: Read) -> View:
    parts = [
        Column(
            Head(name, "high", _count(comparison, name, read)),
            _recall_cell(name, read),
            units.percent,
        )
        for name in comparison.dataset.classes
    ]
    lines = [line for line in lines_of(comparison, parts) if line.kind != "unfinished"]
    heads = tuple(column.head for column in parts)
    return add_notes(View(title, "model", heads, mark_best(heads, lines), (note,)))


def _view_by_class(comparison: Comparison, title: str, note: str, read: Read) -> View:
    # A column a run would be as many as nobody can look through.
    lines = []
    for name in comparison.dataset.classes:
        column = Column(Head(name, "high"), _recall_cell(name, read), units.percent)
        cells = (_of_group(group, column) for group in comparison.groups)
        lines.append(Line(name, (Cell(_count(comparison, name, read)), *cells)))
    heads = (Head("images"), *(Head(group.label) for group in comparison.groups))
    several = any(len(group.rows) > 1 for group in comparison.groups)
    return View(title, "class", heads, tuple(lines), (note, SEEDS) if several else (note,))


def _of_group(group: Group, column: Column) -> Cell:
    cells = [column.cell(row) for row in group.rows]
    return over_seeds(column, cells) if len(cells) > 1 else cells[0]


def _count(comparison: Comparison, name: str, read: Read) -> str:
    judged = [metrics for row in comparison.done if (metrics := read(row))]
    counts = {metrics.recall[name].n for metrics in judged if name in metrics.recall}
    return f"n = {counts.pop()}" if len(counts) == 1 else ""


def _recall_cell(name: str, read: Read) -> ToCell:
    def cell(row: Row) -> Cell:
        metrics = read(row)
        found = metrics.recall.get(name) if metrics else None
        scope = "" if metrics is row.record.test else clean_images(row.record)
        return recall(found, scope)

    return cell
