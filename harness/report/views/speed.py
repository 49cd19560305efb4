"""The table of what was timed, a line for each configuration and machine."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from harness.report import units
from harness.report.comparison import Comparison, Group, Row
from harness.report.views.results import session_notes
from harness.report.views.table import Cell, Head, Line, View, mark_best
from harness.schema import Rate


def speed_view(comparison: Comparison) -> View | None:
    """Return what was timed, a line for each configuration and machine; None without speeds."""
    timed = [
        (group, row)
        for group in comparison.groups
        for row in {row.timed_under: row for row in reversed(group.rows) if row.speed}.values()
    ]
    if not timed:
        return None
    batches = sorted({size for _, row in timed if row.speed for size in row.speed.inference})
    views = sorted(
        {(row.speed.tta, size) for _, row in timed if row.speed for size in row.speed.inference_tta}
    )
    heads = (
        Head("training step img/s", "high"),
        Head("training end to end img/s", "high"),
        *(Head(f"inference img/s, batch {size}", "high") for size in batches),
        *(Head(f"inference with {kind} img/s, batch {size}", "high") for kind, size in views),
        *(Head(f"latency {name} ms", "low") for name in ("p50", "p90", "p99")),
        Head("training batch"),
        Head("precision", words=True),
        Head("device", words=True),
        Head("threads"),
        Head("machine", words=True),
    )
    lines = [Line(group.label, _speed_cells(group, row, batches, views)) for group, row in timed]
    notes = [
        "Medians over interleaved rounds, with the slowest and the fastest round; latency at batch "
        "size 1, without the percentiles that the sample cannot support. End to end is the median "
        "over the epochs of the training itself, batching and augmentation included.",
        *session_notes(comparison),
        *_disturbances(timed),
    ]
    notes += [
        f"{group.label}: the timing did not finish ({row.speed.status}): {row.speed.reason}"
        for group, row in timed
        if row.speed and row.speed.status != "done"
    ]
    return View("Speed", "model", heads, mark_best(heads, lines), tuple(notes))


def _disturbances(timed: Sequence[tuple[Group, Row]]) -> list[str]:
    """Say what disturbed the timing, and of which models."""
    found: dict[str, list[str]] = {}
    for group, row in timed:
        for note in row.speed.notes if row.speed else ():
            found.setdefault(note, []).append(group.label)
    return [f"{', '.join(labels)}: {note}." for note, labels in found.items()]


def _speed_cells(
    group: Group, row: Row, batches: Sequence[int], views: Sequence[tuple[str, int]]
) -> tuple[Cell, ...]:
    speed = row.speed
    assert speed is not None
    on, under = speed.environment.machine, row.timed_under
    over_views = {(speed.tta, size): rate for size, rate in speed.inference_tta.items()}
    latencies = [speed.latency_ms.get(name) for name in ("p50", "p90", "p99")]
    return (
        _rate_cell(speed.train_step, under),
        _end_to_end(group, under),
        *(_rate_cell(speed.inference.get(size), under) for size in batches),
        *(_rate_cell(over_views.get(view), under) for view in views),
        *(Cell() if x is None else Cell(units.digits(x), "", x, under) for x in latencies),
        Cell(str(speed.batch_size)),
        Cell(speed.precision),
        Cell(speed.device),
        Cell(str(speed.threads)),
        Cell(on[:8]),
    )


def _rate_cell(rate: Rate | None, under: str | None) -> Cell:
    if rate is None:
        return Cell()
    note = f"{units.digits(rate.low)}–{units.digits(rate.high)}"
    return Cell(units.digits(rate.images_per_second), note, rate.images_per_second, under)


def _end_to_end(group: Group, under: str | None) -> Cell:
    """Take the median over the group's runs that were trained as this one was timed."""
    rates = [
        row.record.cost.train_images_per_second_end_to_end
        for row in group.rows
        if row.trained_under == under and row.record.cost
    ]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return Cell()
    return Cell(units.digits(statistics.median(known)), "", statistics.median(known), under)
