"""What test-time augmentation adds to the tables: accuracy over views, beside the plain one."""

from __future__ import annotations

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.columns import Column, ToCell
from harness.report.views.table import Cell, Head, accuracy
from harness.schema import Metrics, RunRecord

WORDS = {
    "flip": "the image and its mirror image",
    "views10": "five places of the image, each with its mirror image",
    "views14": "the image, two sizes and four turns of it, each with its mirror image",
    "views18": "five places of the image, two sizes and two turns, each with its mirror image",
}


def over_views(comparison: Comparison) -> tuple[Column, ...]:
    """Return a column of accuracy for each kind of views that a row has."""
    return tuple(
        Column(Head(f"accuracy with {kind} %", "high"), _accuracy(kind), units.percent)
        for kind in _kinds(comparison)
    )


def tta_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what was averaged, where anything was."""
    return tuple(
        f"With {kind}: accuracy of the mean probabilities over {WORDS.get(kind, kind)}; all other "
        "figures are of the image alone. The inference rate with views counts each image once."
        for kind in _kinds(comparison)
    )


def tta_splits(record: RunRecord) -> tuple[tuple[str, Metrics | None], ...]:
    """Return the quality over views of each split, with the name of its line."""
    kind = record.protocol.tta
    return (
        (f"test with {kind}", record.test_tta),
        (f"test without twins with {kind}", record.test_clean_tta),
        (f"validation with {kind}", record.valid_tta),
    )


def _kinds(comparison: Comparison) -> list[str]:
    return sorted({row.record.protocol.tta for row in comparison.done if row.record.test_tta})


def _accuracy(kind: str) -> ToCell:
    def cell(row: Row) -> Cell:
        return accuracy(row.record.test_tta) if row.record.protocol.tta == kind else Cell()

    return cell
