"""The table of accuracy by how far annotators agree on an image."""

from __future__ import annotations

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.columns import Column, ToCell
from harness.report.views.results import add_notes, lines_of
from harness.report.views.table import Cell, Head, View, mark_best, share

NOTE = (
    "Accuracy in per cent, with its 95 % Wilson interval, on the test images by the share of "
    "annotators who chose the most chosen answer, those among them who chose no class; against the "
    "labels of the data set. n is the number of test images."
)


def agreement_view(comparison: Comparison) -> View | None:
    """Return accuracy by bins of agreement; None where no record has it."""
    bins = sorted(
        {(part.low, part.high) for row in comparison.done for part in row.record.agreement}
    )
    if not bins:
        return None
    columns = [
        Column(Head(_name(*edges), "high", _count(comparison, edges)), _cell(edges), units.percent)
        for edges in bins
    ]
    lines = [line for line in lines_of(comparison, columns) if line.kind != "unfinished"]
    heads = tuple(column.head for column in columns)
    return add_notes(
        View("Accuracy by agreement", "model", heads, mark_best(heads, lines), (NOTE,))
    )


def _name(low: float, high: float) -> str:
    """Write a bin, which is open at its left and closed at its right end."""
    if low == 0:
        return f"agreement up to {100 * high:.0f} %"
    return f"above {100 * low:.0f} to {100 * high:.0f} %"


def _count(comparison: Comparison, edges: tuple[float, float]) -> str:
    counts = {
        part.n
        for row in comparison.done
        for part in row.record.agreement
        if (part.low, part.high) == edges
    }
    return f"n = {counts.pop()}" if len(counts) == 1 else ""


def _cell(edges: tuple[float, float]) -> ToCell:
    def cell(row: Row) -> Cell:
        for part in row.record.agreement:
            if (part.low, part.high) == edges:
                # By other votes, the images of a bin are others.
                votes = row.record.dataset.votes_sha256 or ""
                return share(part.accuracy, part.accuracy_low, part.accuracy_high, votes)
        return Cell()

    return cell
