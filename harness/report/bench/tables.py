"""The tables of a bench: throughput by batch size, beside the fastest, and MLPerf's scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from harness.report import units
from harness.report.views import Cell, Head, Line, View
from harness.report.views.table import mark_best, share
from harness.schema import BenchRecord, BenchResult

Configuration = tuple[str, str, str]
STEP = 0  # Stands for a training step among batch sizes: each recipe has its own.
BOLD = "Bold: the best of its column; where intervals overlap, a difference is no verdict."
RELATIVE = (
    "Beside the fastest: rates in per cent of the fastest of the column, medians of the rounds' "
    "ratios with their 95 % intervals. What slows all of a round alike is in none of them. Bold: "
    "the fastest, and what, held against it alone, cannot be told from it."
)


def configurations(record: BenchRecord) -> dict[Configuration, list[BenchResult]]:
    """Return the results of each model × precision × backend, in the order of the record."""
    found: dict[Configuration, list[BenchResult]] = {}
    for result in record.results:
        found.setdefault((result.model, result.precision, result.backend), []).append(result)
    return found


def bench_views(record: BenchRecord) -> list[View]:
    """Return the tables that have something to say."""
    views = (throughput_view(record), relative_view(record), scenario_view(record))
    return [view for view in views if view]


def throughput_view(record: BenchRecord) -> View | None:
    """Return images per second by batch size; None where nothing could be timed."""
    timed = _those(record, lambda one: one.status == "done")
    if not timed:
        return None
    sizes = _sizes(timed)
    compiled = any(one.compile_seconds is not None for some in timed.values() for one in some)
    heads = [*_heads(sizes, "img/s"), *[Head("training batch")] * (STEP in sizes)]
    heads += [Head("compile s")] * compiled
    lines = [
        Line(model, (Cell(precision), Cell(backend), *_cells(results, sizes, compiled)))
        for (model, precision, backend), results in timed.items()
    ]
    note = (
        "Images per second: medians over interleaved rounds, ± half of the 95 % interval of the "
        "median in per cent."
    )
    notes = [note]
    if compiled:
        notes.append(
            "Compile: seconds from the built module to the first results, of all that was compiled "
            "together; the first model's are longer, for they load the backend, and shorter where "
            "torch's cache on disk knows a model. None of what was paused meanwhile."
        )
    return _with_best("Throughput", tuple(heads), lines, notes)


def relative_view(record: BenchRecord) -> View | None:
    """Return the rates relative to the fastest of their columns; None where none has another."""
    timed = _those(record, lambda one: one.relative is not None)
    if not timed:
        return None
    sizes = _sizes(timed)
    lines = []
    for (model, precision, backend), results in timed.items():
        cells = (_relative(_find(results, size)) for size in sizes)
        lines.append(Line(model, (Cell(precision), Cell(backend), *cells)))
    return View("Beside the fastest", "model", tuple(_heads(sizes, "%")), tuple(lines), (RELATIVE,))


def _those(
    record: BenchRecord, wanted: Callable[[BenchResult], bool]
) -> dict[Configuration, list[BenchResult]]:
    """Return the wanted results of each configuration that has any."""
    found = {key: list(filter(wanted, some)) for key, some in configurations(record).items()}
    return {key: some for key, some in found.items() if some}


def _sizes(timed: Mapping[Configuration, Sequence[BenchResult]]) -> list[int]:
    """Return the batch sizes of predictions, and `STEP` if there are training steps."""
    done = [one for some in timed.values() for one in some]
    sizes = {one.batch_size for one in done if one.mode == "inference"}
    return [*sorted(sizes), *[STEP] * any(one.mode == "training" for one in done)]


def _heads(sizes: Sequence[int], note: str) -> list[Head]:
    names = ("training step" if size == STEP else f"batch {size}" for size in sizes)
    figures = (Head(name, "high", note=note) for name in names)
    return [Head("precision", words=True), Head("backend", words=True), *figures]


def _find(results: Sequence[BenchResult], size: int) -> BenchResult | None:
    """Return the training step, or the prediction of a batch of this size."""
    if size == STEP:
        return next((one for one in results if one.mode == "training"), None)
    alike = (one for one in results if one.mode == "inference" and one.batch_size == size)
    return next(alike, None)


def _with_best(
    title: str, heads: tuple[Head, ...], lines: Sequence[Line], notes: list[str]
) -> View:
    """Return a view whose best cells are marked, and said to be no winners."""
    view = View(title, "model", heads, mark_best(heads, lines), tuple(notes))
    return view if not view.marks else replace(view, notes=(*view.notes, BOLD))


def _cells(results: Sequence[BenchResult], sizes: Sequence[int], compiled: bool) -> list[Cell]:
    cells = [_rate(_find(results, size)) for size in sizes]
    if STEP in sizes:
        step = _find(results, STEP)
        cells.append(Cell(str(step.batch_size)) if step else Cell())
    if compiled:
        spent = [one.compile_seconds for one in results if one.compile_seconds is not None]
        # The sum of some would be too little; one is lacking where the process was paused.
        whole = spent and len(spent) == sum(one.status == "done" for one in results)
        cells.append(Cell(units.digits(sum(spent)), "", sum(spent)) if whole else Cell())
    return cells


def _rate(result: BenchResult | None) -> Cell:
    if result is None or result.images_per_second is None:
        return Cell()
    half = result.half_width
    note = "" if half is None else f"±{units.percent(half)} %"
    return Cell(units.digits(result.images_per_second), note, result.images_per_second)


def _relative(result: BenchResult | None) -> Cell:
    if result is None:
        return Cell()
    low, high = result.relative_low, result.relative_high
    if result.relative == 1:  # As the fastest is, in every round.
        return share(1.0)._replace(best=True)
    return share(result.relative, low, high)._replace(best=high is not None and high >= 1)


def scenario_view(record: BenchRecord) -> View | None:
    """Return MLPerf's scenarios, a line for each configuration; None where nothing predicted."""
    if not record.scenarios:
        return None
    heads = (
        Head("precision", words=True),
        Head("backend", words=True),
        Head("single stream", "low", note="ms, p90"),
        Head("offline", "high", note="img/s"),
        Head("best batch"),
    )
    lines = []
    for one in record.scenarios:
        milliseconds, rate = one.single_stream_ms, one.offline_images_per_second
        stream = Cell()
        if milliseconds is not None:
            stream = Cell(units.digits(milliseconds), "", milliseconds)
        offline, best = Cell(units.digits(rate), "", rate), Cell(str(one.best_batch_size))
        cells = (Cell(one.precision), Cell(one.backend), stream, offline, best)
        lines.append(Line(one.model, cells))
    notes = [
        "MLPerf Inference's scenarios by name: single stream is the 90th percentile of the latency "
        "at batch size 1, offline the images per second at the best batch size."
    ]
    if any(one.single_stream_ms is None for one in record.scenarios):
        notes.append(
            "Single stream is left out where batch size 1 was not timed, or fewer than ten calls "
            "were slower than its percentile."
        )
    return _with_best("Scenarios", heads, lines, notes)


def unfinished(record: BenchRecord) -> list[tuple[str, str]]:
    """Return what could not be timed, with status and reason; equal reasons of a model once."""
    found: dict[tuple[str, str], list[BenchResult]] = {}
    for one in record.results:
        if one.status != "done":
            found.setdefault((one.model, f"{one.status}: {one.reason}"), []).append(one)
    rows = [
        (items[0].name if len(items) == 1 else f"{model} ({len(items)} cases)", reason)
        for (model, reason), items in found.items()
    ]
    return [*rows, *((name, f"failed: {reason}") for name, reason in record.broken)]
