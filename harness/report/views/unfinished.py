"""The table of runs without a result, with the reasons."""

from __future__ import annotations

from harness.report.comparison import Comparison
from harness.report.views.table import Cell, Head, Line, View


def unfinished_view(comparison: Comparison) -> View | None:
    """Return the runs without a result and the reasons; None if all finished.

    Below them stands what never became a run, a plugin that could not be loaded among that.
    """
    rows = [
        (row.label, row.record.status, row.record.reason or "no reason was recorded")
        for row in comparison.unfinished
    ]
    rows += [(name, "failed", reason) for name, reason in comparison.broken]
    if not rows:
        return None
    lines = tuple(
        Line(name, (Cell(status), Cell(reason)), "unfinished") for name, status, reason in rows
    )
    return View(
        "Without a result", "model", (Head("status", words=True), Head("reason", words=True)), lines
    )
