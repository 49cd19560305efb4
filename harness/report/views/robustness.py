"""The tables of robustness: accuracy under each corruption, and one run's by strength."""

from __future__ import annotations

from collections.abc import Callable

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.columns import Column
from harness.report.views.results import add_notes, lines_of
from harness.report.views.table import Cell, Head, Line, View, mark_best, share
from harness.schema import RobustnessRecord

TITLE = "Robustness"

Read = Callable[[RobustnessRecord], float | None]


def robustness_view(comparison: Comparison) -> View | None:
    """Return a line for each run that was evaluated on corrupted images; None without any."""
    found = [row.robustness for row in comparison.done if row.robustness]
    if not found:
        return None
    names = [one.name for one in found[0].corruptions]
    flat = [
        _column("uncorrupted %", "high", lambda record: record.uncorrupted_accuracy),
        _column("corrupted %", "high", lambda record: record.mean_accuracy),
        _column("relative loss %", "low", lambda record: record.relative_loss),
        *(_column(name, "high", _of(name)) for name in names),
    ]
    lines = [line for line in lines_of(comparison, flat) if line.cells[0].value is not None]
    heads = tuple(column.head for column in flat)
    return add_notes(View(TITLE, "model", heads, mark_best(heads, lines), _notes(comparison)))


def strength_view(row: Row) -> View | None:
    """Return one run's accuracy by corruption and strength; None where there is nothing."""
    record = row.robustness
    if record is None or not record.corruptions:
        return None
    heads = (
        Head("parameter", words=True),
        *(Head(f"strength {one.strength} %") for one in record.corruptions[0].strengths),
        Head("mean %"),
    )
    lines = tuple(
        Line(
            one.name,
            (
                Cell(f"{one.parameter}, {one.unit}"),
                *(
                    Cell(units.percent(s.accuracy), f"at {s.value:g}", s.accuracy)
                    for s in one.strengths
                ),
                share(one.accuracy),
            ),
        )
        for one in record.corruptions
    )
    loss = "" if record.relative_loss is None else f"{units.percent(record.relative_loss)} %"
    note = (
        f"Accuracy on the {record.n} test images, corrupted, with the selected weights; below each "
        f"number the parameter. Uncorrupted: {units.percent(record.uncorrupted_accuracy)} %; "
        f"corrupted: {units.percent(record.mean_accuracy)} % on average; "
        f"relative loss: {loss or units.NONE}."
    )
    return View("Robustness by strength", "corruption", heads, lines, (note,))


def _column(head: str, better: str, read: Read) -> Column:
    def cell(row: Row) -> Cell:
        return share(read(row.robustness) if row.robustness else None)

    return Column(Head(head, "high" if better == "high" else "low"), cell, units.percent)


def _of(name: str) -> Read:
    def read(record: RobustnessRecord) -> float | None:
        return next((one.accuracy for one in record.corruptions if one.name == name), None)

    return read


def _alike(comparison: Comparison) -> str:
    """Say whether all models saw the same images: other versions may draw other pixels."""
    drawn = {
        ", ".join(f"{name} {version}" for name, version in sorted(row.robustness.libraries.items()))
        for row in comparison.done
        if row.robustness
    }
    if len(drawn) < 2:
        return "Every model sees the same corrupted images."
    return (
        f"Not all models need have seen the same pixels: the corruptions were drawn by "
        f"{' and by '.join(sorted(drawn))}."
    )


def _notes(comparison: Comparison) -> tuple[str, ...]:
    images = "synthetic test images" if comparison.dataset.synthetic else "test images"
    notes = [
        f"Accuracy on the {images} with the selected weights, as they are and corrupted; nothing "
        "was trained again. The columns named after corruptions are per cent, each the mean over "
        "five strengths; corrupted % is the mean over all, and relative loss is (uncorrupted − "
        f"corrupted) / uncorrupted. {_alike(comparison)} A model that guesses loses little: read "
        "the loss beside the accuracy on uncorrupted images.",
    ]
    missing = len(comparison.done) - sum(row.robustness is not None for row in comparison.done)
    if missing:
        were = "was" if missing == 1 else "were"
        notes.append(
            f"{missing} of {units.counted(len(comparison.done), 'run')} {were} not evaluated."
        )
    return tuple(notes)
