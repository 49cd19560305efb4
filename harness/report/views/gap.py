"""The table of the generalisation gap: accuracy on each split, and training less test."""

from __future__ import annotations

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.derived import clean_images
from harness.report.gap import SPLITS, gap, metrics_on
from harness.report.views.columns import Column, ToCell
from harness.report.views.results import SEEDS, lines_of
from harness.report.views.table import Cell, Head, View, accuracy

NOTE = (
    "Accuracy in per cent with the selected weights, of the images as they are: no augmentation, "
    "no dropout. Training − test is the generalisation gap, in percentage points; its interval is "
    "that of the test accuracy. What has learned little has a small gap, too: read it beside the "
    "test accuracy."
)
TWINS = (
    "Test images with twins in training may flatter: the gap against the others is then the larger."
)


def gap_view(comparison: Comparison) -> View | None:
    """Return a line for each run and mean over seeds; None where no training was evaluated."""
    if not any(gap(row.record) for row in comparison.done):
        return None
    shown = [
        (split, name)
        for split, name in SPLITS
        if any(metrics_on(row.record, split) for row in comparison.done)
    ]
    accuracies = [
        Column(Head(f"{name} %"), _accuracy(split), units.percent) for split, name in shown
    ]
    gaps = [
        Column(Head(f"training − {name}", note="points"), _gap(split), units.difference)
        for split, name in shown
        if split.startswith("test")
    ]
    flat = [*accuracies, *gaps]
    lines = tuple(line for line in lines_of(comparison, flat) if line.kind != "unfinished")
    notes = [NOTE, TWINS] if len(gaps) > 1 else [NOTE]
    notes += [SEEDS] if any(line.kind == "summary" for line in lines) else []
    heads = tuple(column.head for column in flat)
    return View("Generalisation gap", "model", heads, lines, tuple(notes))


def _accuracy(split: str) -> ToCell:
    def cell(row: Row) -> Cell:
        return accuracy(metrics_on(row.record, split), _scope(row, split))

    return cell


def _gap(split: str) -> ToCell:
    def cell(row: Row) -> Cell:
        found = gap(row.record, split)
        if found is None:
            return Cell()
        # A dash between numbers, one of which may be below 0, would be read as a sign.
        note = f"{units.difference(found.low)} to {units.difference(found.high)}"
        return Cell(units.difference(found.value), note, found.value, _scope(row, split))

    return cell


def _scope(row: Row, split: str) -> str:
    return clean_images(row.record) if split == "test_clean" else ""
