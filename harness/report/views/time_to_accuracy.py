"""The table of time to accuracy: a line for each configuration, a column for each level."""

from __future__ import annotations

import statistics

from harness.report import units
from harness.report.comparison import Comparison, Group
from harness.report.time_to_accuracy import (
    SEVERAL,
    levels_of,
    on_several_machines,
    peaks,
    reach,
    trained,
)
from harness.report.views.table import Cell, Head, Line, View, mark_best, share
from harness.schema import device_kind

TITLE = "Time to accuracy"
NOTE = (
    "The time of training and validation until the validation accuracy first reached the level "
    "(as in DAWNBench, arXiv:1806.01427, and MLPerf's training), and the number of epochs. Medians "
    "over the seeds, where one that never got there counts as the longest; where not all of them "
    "did, how many. Near what a model reaches at most, luck decides: read it over several seeds."
)
CLOCK = (
    "The clock is that of the epochs as they ran, under whatever load the machine had, a pause by "
    "Ctrl-Z within them; start, the time between an interruption and going on, and the evaluation "
    "at the end are left out."
)
CHOSEN = "`harness report --levels 0.5,0.6` sets other levels."


def time_to_accuracy_view(comparison: Comparison) -> View | None:
    """Return a line for each configuration that was trained; None without epochs or levels."""
    groups = [group for group in comparison.groups if trained(group)]
    levels = levels_of(comparison)
    if not groups or not levels:
        return None
    several = on_several_machines(row for group in groups for row in trained(group))
    heads = (
        Head("seeds"),
        *(Head(f"{_level(level)} %", "low") for level in levels),
        Head("best validation %", "high"),
        *([Head("trained on", words=True)] if several else []),
    )
    lines = [
        Line(
            group.label,
            (
                Cell(str(len(trained(group))), value=len(trained(group))),
                *(_cell(group, level) for level in levels),
                _best(group),
                *([Cell(_where(group))] if several else []),
            ),
        )
        for group in groups
    ]
    notes = (NOTE, CLOCK, *([SEVERAL] if several else []), CHOSEN)
    return View(TITLE, "model", heads, mark_best(heads, lines), notes)


def _level(level: float) -> str:
    return f"{100 * level:.4g}"


def _cell(group: Group, level: float) -> Cell:
    found = reach(group, level)
    share = f"{found.reached} of {found.seeds}"
    if found.seconds is None or found.epochs is None:
        return Cell(note=share if found.reached else "never")
    count = units.whole(found.epochs)
    note = f"{count} epoch{'s' * (count != '1')}"
    if found.reached < found.seeds:
        note += f", {share}"
    return Cell(units.duration(found.seconds), note, found.seconds, _scope(group))


def _best(group: Group) -> Cell:
    return share(statistics.median(peaks(group)))


def _scope(group: Group) -> str:
    """Return what times are compared within: a machine; times over several compare with none."""
    machine = _machine(group)
    return machine if machine != "several" else f"several: {group.label}"


def _where(group: Group) -> str:
    """Name the machine in short, its device and threads."""
    if _machine(group) in ("several", ""):
        return _machine(group)
    row = trained(group)[0]
    kind, threads = device_kind(row.record.device), units.counted(row.record.threads, "thread")
    return f"{(row.trained_on or '')[:8]} {kind}, {threads}"


def _machine(group: Group) -> str:
    found = {row.trained_under or "" for row in trained(group)}
    return found.pop() if len(found) == 1 else "several"
