"""The main table on a screen, in as many tables as its width asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from harness.report.comparison import Comparison
from harness.report.page import SYNTHETIC
from harness.report.sentence import headline
from harness.report.views import (
    Cell,
    Line,
    View,
    build,
    mark_alike,
    robustness_view,
    unfinished_view,
    verdict_view,
)
from harness.report.views import columns as available
from harness.report.views.results import (
    BOLD,
    SEEDS,
    choice_notes,
    clean_notes,
    cost_notes,
    ensemble_notes,
)
from harness.report.views.table import Kind
from harness.report.views.tta import over_views, tta_notes

if TYPE_CHECKING:
    from rich.console import Console

# With more classes than this, recall is left to the files.
MANY = 20
MATRIX = range(3, 7)  # So many models have a matrix of verdicts.
LINES = 50  # With more, those of single seeds are left to the files.
LEFT_OUT = "The lines of single seeds are too many for a screen; they stand in the report."
LABEL = 28  # Labels up to this width stay on one line.
GAP = 2  # A column's padding and the box's divider.

STYLES: dict[Kind, str] = {
    "run": "",
    "summary": "italic",
    "ensemble": "italic",
    "unfinished": "dim",
}


def print_table(comparison: Comparison, console: Console) -> None:
    """Print the headline, the main table and the runs without a result.

    Columns that do not fit beside each other go into a further table; no number is cut.
    """
    if comparison.dataset.synthetic:
        console.print(Text(SYNTHETIC, style="bold yellow"))
    console.print(Text(headline(comparison)))
    views = [_few(view, comparison) for view in _views(comparison)]
    for view in views:
        print_view(view, console)
    told = [note for view in views for note in view.notes if note not in (SEEDS, BOLD)]
    # Of two models there is no matrix, whose notes these are.
    notes = list(dict.fromkeys([*told, *comparison.pairs.left_out]))
    notes += [SEEDS] if any(len(group.rows) > 1 for group in comparison.groups) else []
    notes += ensemble_notes(comparison)
    notes += [BOLD] if any(view.marks for view in views) else []
    console.print()
    for note in notes:
        console.print(Text(note, style="dim"))
    unfinished = unfinished_view(comparison)
    for line in unfinished.lines if unfinished else ():
        status, reason = (cell.text for cell in line.cells)
        console.print(Text.assemble((line.label, "bold"), f" {status}: {reason}"))


def print_view(view: View, console: Console) -> None:
    """Print one table, in parts of which each fits the width."""
    for part in split(view, console.width):
        console.print()
        console.print(_table(part, console.width))


def _views(comparison: Comparison) -> Iterator[View]:
    if not comparison.done:
        return
    parts = [
        available.choice(comparison),
        available.quality(),
        available.clean(comparison),
        over_views(comparison),
    ]
    notes = (*choice_notes(comparison), *clean_notes(comparison), *tta_notes(comparison))
    yield mark_alike(build("Quality", comparison, parts, notes), comparison)
    # Of two models the headline says it all, of many the files.
    verdicts = verdict_view(comparison) if len(comparison.rivals) in MATRIX else None
    if verdicts:
        yield verdicts
    if len(comparison.dataset.classes) <= MANY:
        note = "The columns named after classes are recall in per cent."
        yield _finished(build("Recall", comparison, [available.recalls(comparison)], [note]))
    robustness = robustness_view(comparison)
    if robustness:
        yield robustness
    yield _finished(build("Cost", comparison, [available.cost(comparison)], cost_notes(comparison)))


def _few(view: View, comparison: Comparison) -> View:
    """Leave out the single seeds where they are too many to be read on a screen."""
    seeds = {row.label for group in comparison.groups if len(group.rows) > 1 for row in group.rows}
    lines = tuple(line for line in view.lines if line.label not in seeds or line.kind != "run")
    if len(view.lines) <= LINES or len(lines) == len(view.lines):
        return view
    return View(view.title, view.first, view.heads, lines, (*view.notes, LEFT_OUT))


def _finished(view: View) -> View:
    lines = tuple(line for line in view.lines if line.kind != "unfinished")
    return View(view.title, view.first, view.heads, lines, view.notes)


def split(view: View, width: int) -> Iterator[View]:
    """Cut a view into views of neighbouring columns, each of which fits the width."""
    room = width - _label_width(view, width) - GAP
    start, used = 0, 0
    for index in range(len(view.heads)):
        needed = _width(view, index) + GAP
        if used and used + needed > room:
            yield _slice(view, start, index)
            start, used = index, 0
        used += needed
    yield _slice(view, start, len(view.heads))


def _slice(view: View, start: int, stop: int) -> View:
    lines = tuple(Line(line.label, line.cells[start:stop], line.kind) for line in view.lines)
    return View(view.title, view.first, view.heads[start:stop], lines)


def _label_width(view: View, width: int) -> int:
    """Return the width of the longest label, folded where it would take the numbers' room.

    It is folded between words: no word is cut that leaves half of the screen to the numbers.
    """
    labels = (view.first, *(line.label for line in view.lines))
    longest = max(map(cell_len, labels))
    word = max(cell_len(word) for label in labels for word in label.split())
    return min(longest, max(LABEL, width // 4, min(word, width // 2)))


def _width(view: View, index: int) -> int:
    words = view.heads[index].text.split()
    cells = (line.cells[index].text + line.cells[index].aside for line in view.lines)
    return max(cell_len(text) for text in (*words, *cells))


def _table(view: View, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    label = _label_width(view, width)
    table.add_column(view.first, overflow="fold", min_width=label, max_width=label)
    for index, head in enumerate(view.heads):
        wide = _width(view, index)
        table.add_column(Text(head.text), justify="right", min_width=wide, max_width=wide)
    for line in view.lines:
        style = STYLES[line.kind]
        cells = [_text(cell) for cell in line.cells]
        table.add_row(Text(line.label), *cells, style=style)
    return table


def _text(cell: Cell) -> Text:
    return Text.assemble((cell.text, "bold green" if cell.best else ""), cell.aside)
