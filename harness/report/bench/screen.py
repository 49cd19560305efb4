"""A bench on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from harness.report.bench.tables import bench_views, unfinished
from harness.report.screen import print_view
from harness.schema import BenchRecord

if TYPE_CHECKING:
    from rich.console import Console


def print_bench(record: BenchRecord, console: Console) -> None:
    """Print the tables, what disturbed the measurement, and what could not be timed."""
    views = bench_views(record)
    for view in views:
        print_view(view, console)
    console.print()
    for note in dict.fromkeys(note for view in views for note in view.notes):
        console.print(Text(note, style="dim"))
    for note in record.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    for name, reason in unfinished(record):
        console.print(Text.assemble((name, "bold"), f" {reason}"))
