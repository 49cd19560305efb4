"""The table of calibration: each run as trained, and below it with its temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.columns import Column
from harness.report.views.results import SEEDS, lines_of
from harness.report.views.table import Cell, Head, Line, View, mark_best
from harness.schema import Calibrated, Calibration, RunRecord

State = Literal["test", "test_scaled"]

TITLE = "Calibration"
SCALED = "temperature-scaled"
NOTE = (
    "On the test images: NLL in nats, Brier score (0–2), ECE over 15 bins of confidence. The "
    "temperature divides the logits; it is fitted on the validation images by their NLL and "
    "changes no prediction. Above 1 it takes confidence away: the model was too sure."
)
BOLD = (
    "Bold: the best as trained, and the best of the scaled, of each kind (run, line over seeds, "
    "ensemble); a difference is no verdict. On a few thousand images ECE is about 2 % where all is "
    "calibrated."
)


def calibration_view(comparison: Comparison) -> View | None:
    """Return two lines for each run and mean over seeds; None where no record has figures."""
    if not any(row.record.calibration for row in comparison.done):
        return None
    plain, scaled = (lines_of(comparison, _columns(state)) for state in ("test", "test_scaled"))
    lines = [
        line
        for one, other in zip(plain, scaled, strict=True)
        for line in (one, replace(other, label=f"{other.label}, {SCALED}"))
        if line.kind != "unfinished"
    ]
    heads = tuple(column.head for column in _columns("test"))
    view = View(TITLE, "model", heads, mark_best(heads, lines), (NOTE,))
    notes = [BOLD] if view.marks else []
    notes += [SEEDS] if any(line.kind == "summary" for line in lines) else []
    return replace(view, notes=(NOTE, *notes))


def run_calibration(record: RunRecord) -> View | None:
    """Return the two lines of one run; None where its record has no figures."""
    if record.calibration is None:
        return None
    names: tuple[tuple[str, State], ...] = (("as trained", "test"), (SCALED, "test_scaled"))
    lines = tuple(
        Line(name, tuple(column.cell(Row(record)) for column in _columns(state)))
        for name, state in names
    )
    heads = tuple(column.head for column in _columns("test"))
    return View(TITLE, "probabilities", heads, lines, (NOTE,))


def _columns(state: State) -> tuple[Column, ...]:
    return (
        _column(Head("NLL", "low"), state, lambda found, _: found.nll, "{:.3f}".format),
        _column(Head("Brier", "low"), state, lambda found, _: found.brier, "{:.3f}".format),
        _column(Head("ECE %", "low"), state, lambda found, _: found.ece, units.percent),
        _column(Head("temperature"), state, lambda _, temperature: temperature, "{:.2f}".format),
    )


def _column(
    head: Head,
    state: State,
    read: Callable[[Calibrated, float], float],
    text: Callable[[float], str],
) -> Column:
    """Return a column; what is as trained and what is scaled are compared each for itself."""

    def cell(row: Row) -> Cell:
        found = row.record.calibration
        if found is None:
            return Cell()
        value = read(*_state(found, state))
        return Cell(text(value), "", value, state)

    return Column(head, cell, text)


def _state(found: Calibration, state: State) -> tuple[Calibrated, float]:
    if state == "test":
        return found.test, 1.0
    return found.test_scaled, found.temperature
