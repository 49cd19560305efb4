"""The main table: quality beside cost and speed, with a summary over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.report.comparison import Comparison, Group, Row
from harness.report.derived import a_twin, mean_and_deviation
from harness.report.sessions import several_sessions
from harness.report.views import columns
from harness.report.views.columns import Column
from harness.report.views.table import Cell, Line, View, mark_best
from harness.report.views.tta import over_views, tta_notes

# With more classes than this, recall is a table of its own, a line for each class.
WIDE = 12

BOLD = (
    "Bold: the best of its kind (run, line over seeds, ensemble) in a column; within the "
    "intervals, a difference is no verdict."
)
SEEDS = "A line over several seeds is their mean ± standard deviation."

ENSEMBLES = (
    "An ensemble predicts the mean of its parts' probabilities. Its parameters, FLOPs and times "
    "are their sums; its rates are reckoned from theirs, one part after the other, and not timed."
)
TERMS = (
    "UAR is the mean of the classes' recalls, macro-F1 that of their F1, both with their 95 % "
    "intervals. ↑: higher is better, ↓: lower."
)
CHOICE = (
    "Valid %: accuracy on the validation images. Choose between recipes and arguments of a model "
    "by it: the best of many on the test images is flattered by the choice."
)
SETTINGS = "Speeds of another device or number of threads are not compared."
SESSIONS = (
    "Not all models of a machine were timed in one session, and between sessions it drifts; "
    "`harness bench` times them together."
)
# More parts than this are counted, not named.
PARTS = 12


def main_view(comparison: Comparison) -> View:
    """Return the main table: quality beside cost and speed."""
    parts = [
        columns.choice(comparison),
        columns.quality(),
        columns.clean(comparison),
        over_views(comparison),
        columns.cost(comparison),
    ]
    notes = ["Accuracy with its 95 % Wilson interval, on the test images."]
    if len(comparison.dataset.classes) <= WIDE:
        parts.append(columns.recalls(comparison))
        notes[0] += " The columns named after classes are recall in per cent."
    notes += [TERMS, *choice_notes(comparison), *clean_notes(comparison), *tta_notes(comparison)]
    notes += [*cost_notes(comparison), *ensemble_notes(comparison)]
    view = build("Results", comparison, parts, notes)
    return add_notes(view)


def choice_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what the column of validation accuracy is for, if there is one."""
    return (CHOICE,) if columns.choice(comparison) else ()


def clean_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what the column of the clean test means, if there is one."""
    if not columns.clean(comparison):
        return ()
    return (
        f"Clean %: accuracy on the test images without {a_twin(comparison.done)} in the training "
        "split, with its interval.",
    )


def build(
    title: str,
    comparison: Comparison,
    parts: Sequence[Sequence[Column]],
    notes: Sequence[str] = (),
) -> View:
    """Return a table of these columns, with summaries over seeds and the unfinished below."""
    flat = [column for part in parts for column in part]
    heads = tuple(column.head for column in flat)
    lines = mark_best(heads, lines_of(comparison, flat))
    return View(title, "model", heads, lines, tuple(notes))


def add_notes(view: View) -> View:
    """Explain the summaries over seeds and the bold numbers, if there are any."""
    notes = [SEEDS] if any(line.kind == "summary" for line in view.lines) else []
    notes += [BOLD] if view.marks else []
    return View(view.title, view.first, view.heads, view.lines, (*view.notes, *notes))


def lines_of(comparison: Comparison, flat: Sequence[Column]) -> list[Line]:
    """Return a line for each run, summary over seeds, ensemble, and run without a result."""
    groups = {row.label: group.label for group in comparison.groups for row in group.rows}
    cells = {row.label: tuple(column.cell(row) for column in flat) for row in comparison.done}
    runs = [
        Line(row.label, cells[row.label], group=groups.get(row.label, ""))
        for row in comparison.done
    ]
    summaries = [
        Line(
            summary_label(group),
            tuple(map(over_seeds, flat, zip(*(cells[r.label] for r in group.rows), strict=True))),
            "summary",
            group.label,
        )
        for group in comparison.groups
        if len(group.rows) > 1
    ]
    ensembles = [
        Line(
            row.label, tuple(column.cell(row) for column in flat), "ensemble", _of_one(row, groups)
        )
        for row in comparison.ensembles
    ]
    blank = tuple(Cell() for _ in flat[1:])
    unfinished = [
        Line(row.label, (Cell(row.record.status), *blank), "unfinished")
        for row in comparison.unfinished
    ]
    return runs + summaries + ensembles + unfinished


def _of_one(row: Row, groups: Mapping[str, str]) -> str:
    """Return the group whose seeds an ensemble is made of, "" for one of several groups."""
    found = {groups.get(part, "") for part in row.parts}
    return found.pop() if len(found) == 1 else ""


def summary_label(group: Group) -> str:
    """Return what the line of a group's mean is called."""
    return f"{group.label} over {len(group.rows)} seeds"


def over_seeds(column: Column, cells: Sequence[Cell]) -> Cell:
    """Summarise a group's cells: what all agree on stays, numbers become mean ± deviation."""
    # A result is one of each seed: that they agree on it is a deviation of 0.
    if len(set(cells)) == 1 and (column.shared or cells[0].value is None):
        return cells[0]
    values = [cell.value for cell in cells if cell.value is not None]
    if len(values) < len(cells) or len({cell.scope for cell in cells}) > 1:
        # Some have no number, or the numbers are of several machines: there is no mean to tell.
        return Cell()
    mean, deviation = mean_and_deviation(values)
    return Cell(column.text(mean), f"± {column.text(deviation)}", mean, cells[0].scope)


def cost_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what the columns of cost and speed mean."""
    notes = [
        "FLOPs are those of one image's forward pass; latency is at batch size 1. Training time is "
        "that of the epochs without validation, under whatever load the machine had and with what "
        "it was paused by Ctrl-Z: no measurement of speed."
    ]
    if any(row.record.recipe.teachers for row in comparison.done):
        notes.append("Training time of a model with teachers is its own, without theirs.")
    if any(row.timed_on for row in comparison.done):
        notes.append(
            "Training img/s is the step alone (forward, backward, optimizer); "
            "inference img/s is that of the fastest batch size."
        )
    elif any(row.speed for row in comparison.done):
        notes.append("The timing did not finish: the report's table of speed says why.")
    else:
        notes.append("No speed was taken; the same `harness run` without --no-speed takes it.")
    if columns.several_machines(comparison):
        notes.append("Several machines: speeds are compared within one machine only.")
    return (*notes, *session_notes(comparison))


def session_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say where speeds beside each other were not timed together, or not under the same setting."""
    under = {row.timed_under for row in comparison.done} - {None}
    several = len(under) > len(comparison.timed_machines)
    return (*((SESSIONS,) if several_sessions(comparison) else ()), *((SETTINGS,) * several))


def ensemble_notes(comparison: Comparison) -> tuple[str, ...]:
    """Say what the lines of ensembles are, and name the parts of each."""
    parts = [f"{row.label}: {_named(row.parts)}." for row in comparison.ensembles]
    return (ENSEMBLES, *parts) if parts else ()


def _named(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - PARTS} more" if len(parts) > PARTS else ""
    return ", ".join(parts[:PARTS]) + more
