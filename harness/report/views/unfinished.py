"""The table of runs without a result, with the reasons."""

from __future__ import annotations

from harness.report.comparison import Comparison
from harness.report.views.table import Cell, Head, Line, View


def unfinished_view(comparison: Comparison) -> View | None:
    """Return the runs without a result and the reasons; None if all finished."""
    if not comparison.unfinished:
        return None
    lines = tuple(
        Line(
            row.label,
            (Cell(row.record.status), Cell(row.record.reason or "no reason was recorded")),
            "unfinished",
        )
        for row in comparison.unfinished
    )
    return View(
        "Without a result", "model", (Head("status", words=True), Head("reason", words=True)), lines
    )
