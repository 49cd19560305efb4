"""The columns of the main table: what each shows of a run, and which direction is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.derived import clean_images, clean_quality
from harness.report.labels import assignments
from harness.report.views.table import Better, Cell, Head, accuracy, macro_f1, share, uar
from harness.schema import Cost, Rate

ToCell = Callable[[Row], Cell]

ACCURACY = "accuracy %"


@dataclass(frozen=True)
class Column:
    """A head, a way from a row to a cell, and how a mean or a deviation of values is written.

    ``shared`` says that a number is that of all seeds, like parameters and the timing of a
    configuration: where they agree, it has no deviation.
    """

    head: Head
    cell: ToCell
    text: Callable[[float], str]
    shared: bool = False


def choice(comparison: Comparison) -> tuple[Column, ...]:
    """Return the column of validation accuracy, where there is something to choose by it.

    That is where a model stands there with several recipes, overrides or arguments.
    """
    records = [group.rows[0].record for group in comparison.groups]
    forms = {
        (r.model, assignments(r.arguments), r.recipe_name, assignments(r.overrides))
        for r in records
    }
    if len(forms) == len({record.model for record in records}):
        return ()
    return (Column(Head("valid %", "high"), _valid, units.percent),)


def quality() -> tuple[Column, ...]:
    """Return the columns of quality over all classes."""
    return (
        Column(Head(ACCURACY, "high"), _accuracy, units.percent),
        Column(Head("UAR %", "high"), lambda row: uar(row.record.test), units.percent),
        Column(Head("macro-F1 %", "high"), lambda row: macro_f1(row.record.test), units.percent),
    )


def clean(comparison: Comparison) -> tuple[Column, ...]:
    """Return the column of accuracy on the clean test images, if they are fewer than all."""
    if not any(clean_quality(row.record) for row in comparison.done):
        return ()
    return (Column(Head("clean %", "high"), _clean, units.percent),)


def recalls(comparison: Comparison) -> tuple[Column, ...]:
    """Return a column of recall for each class."""
    return tuple(
        Column(Head(name, "high"), _recall(name), units.percent)
        for name in comparison.dataset.classes
    )


def cost(comparison: Comparison) -> tuple[Column, ...]:
    """Return the columns of cost and speed; the machine is one of them where there are several."""
    columns = (
        _cost("parameters", units.scaled, lambda c: c.parameters, anywhere=True),
        _cost("FLOPs", units.scaled, lambda c: c.flops, anywhere=True),
        Column(Head("training img/s", "high"), _training, units.digits, shared=True),
        Column(Head("inference img/s", "high"), _inference, units.digits, shared=True),
        Column(Head("latency p50 ms", "low"), _latency, units.digits, shared=True),
        _cost("peak memory", units.size, lambda c: c.peak_memory_bytes),
        _cost("training time", units.duration, lambda c: c.train_seconds, better=None),
    )
    return (*columns, *_machines(comparison))


def fastest(inference: dict[int, Rate]) -> tuple[int, Rate] | None:
    """Return the batch size with the highest rate, and the rate; None where none was taken."""
    if not inference:
        return None
    return max(inference.items(), key=lambda item: (item[1].images_per_second, -item[0]))


def _valid(row: Row) -> Cell:
    return share(row.record.valid.accuracy) if row.record.valid else Cell()


def _accuracy(row: Row) -> Cell:
    return accuracy(row.record.test)


def _clean(row: Row) -> Cell:
    return accuracy(clean_quality(row.record), clean_images(row.record))


def _recall(name: str) -> ToCell:
    def cell(row: Row) -> Cell:
        found = row.record.test.recall.get(name) if row.record.test else None
        return share(found.recall) if found else Cell()

    return cell


def _cost(
    head: str,
    text: Callable[[float], str],
    read: Callable[[Cost], float | None],
    anywhere: bool = False,
    better: Better | None = "low",
) -> Column:
    def cell(row: Row) -> Cell:
        value = read(row.record.cost) if row.record.cost else None
        if value is None:
            return Cell()
        return Cell(text(value), value=value, scope="" if anywhere else row.trained_under)

    return Column(Head(head, better), cell, text, shared=anywhere)


def _training(row: Row) -> Cell:
    step = row.speed.train_step if row.speed else None
    return _rate(row, step) if step else Cell()


def _inference(row: Row) -> Cell:
    found = fastest(row.speed.inference) if row.speed else None
    if row.speed is None or found is None:
        return Cell()
    note, over_views = f"batch {found[0]}", fastest(row.speed.inference_tta)
    if over_views:
        note += f"; {row.speed.tta} {units.digits(over_views[1].images_per_second)}"
    return _rate(row, found[1], note)


def _rate(row: Row, rate: Rate, note: str = "") -> Cell:
    value = rate.images_per_second
    return Cell(units.digits(value), note, value, row.timed_under)


def _latency(row: Row) -> Cell:
    value = row.speed.latency_ms.get("p50") if row.speed else None
    return Cell() if value is None else Cell(units.digits(value), "", value, row.timed_under)


def several_machines(comparison: Comparison) -> bool:
    """Say whether the rows were trained, or timed, on more than one machine."""
    trained = {row.trained_on for row in comparison.done} - {None}
    return len(comparison.timed_machines) > 1 or len(trained) > 1


def _machines(comparison: Comparison) -> tuple[Column, ...]:
    """Return where the rows' numbers are from, if they are from several machines."""
    if not several_machines(comparison):
        return ()
    if all(row.timed_on in (None, row.trained_on) for row in comparison.done):
        return (_machine("machine", lambda row: row.machine),)
    return (
        _machine("timed on", lambda row: row.timed_on),
        _machine("trained on", lambda row: row.trained_on),
    )


def _machine(head: str, read: Callable[[Row], str | None]) -> Column:
    def cell(row: Row) -> Cell:
        machine = read(row)
        return Cell(machine[:8]) if machine else Cell()

    return Column(Head(head, words=True), cell, units.digits)
