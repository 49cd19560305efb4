"""A bench as a folder of files, each of them whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from harness.files import replace
from harness.report import units
from harness.report.bench.plot import throughput_plot
from harness.report.bench.tables import bench_views, unfinished
from harness.report.markdown import escape, table
from harness.schema import BenchRecord
from harness.schema.bench import FEWEST_ROUNDS

NAMES = ("throughput.png", "bench.csv", "bench.md", "bench.json")


def write_bench(record: BenchRecord, folder: Path) -> None:
    """Write ``bench.csv``, ``bench.md``, ``throughput.png``, and last ``bench.json``.

    All are made before the first is written; what an earlier bench had beyond this one is removed.
    """
    plot = throughput_plot(record)
    files = {"throughput.png": plot.png} if plot else {}
    alt = plot.alt if plot else ""
    files["bench.csv"] = bench_frame(record).to_csv(index=False, lineterminator="\n").encode()
    files["bench.md"] = bench_markdown(record, alt).encode()
    files["bench.json"] = record.to_json().encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        if name in files:
            replace(folder / name, files[name], durable=False)
        else:
            (folder / name).unlink(missing_ok=True)


def bench_frame(record: BenchRecord) -> pd.DataFrame:
    """Return a row for each case, in raw units; ``best`` marks the fastest batch size of each."""
    best = {
        (one.model, one.precision, one.backend, one.best_batch_size) for one in record.scenarios
    }
    return pd.DataFrame([_row(record, index, best) for index in range(len(record.results))])


def _row(record: BenchRecord, index: int, best: set[tuple[str, str, str, int]]) -> dict[str, Any]:
    one = record.results[index]
    fastest = (one.model, one.precision, one.backend, one.batch_size) in best
    half, enough = one.half_width, len(one.rates) >= FEWEST_ROUNDS
    return {
        "model": one.model,
        "precision": one.precision,
        "backend": one.backend,
        "mode": one.mode,
        "batch_size": one.batch_size,
        "status": one.status,
        "reason": one.reason,
        "images_per_second": one.images_per_second,
        "low": one.low,
        "high": one.high,
        "half_width": half,
        "narrow": None if half is None else enough and half <= record.width,
        "rounds": len(one.rates),
        "relative": one.relative,
        "relative_low": one.relative_low,
        "relative_high": one.relative_high,
        "best": one.mode == "inference" and one.status == "done" and fastest,
        "compile_seconds": one.compile_seconds,
        **{f"latency_{name}_ms": one.latency_ms.get(name) for name in ("p50", "p90", "p99")},
        "latency_samples": one.latency_samples,
        "device": record.device,
        "threads": record.threads,
        "machine": record.environment.machine,
    }


def bench_markdown(record: BenchRecord, alt: str) -> str:
    """Return ``bench.md``; ``alt`` says what the plot shows, empty where there is none."""
    return "\n\n".join(_parts(record, alt)) + "\n"


def _parts(record: BenchRecord, alt: str) -> Iterator[str]:
    yield "# Bench"
    yield escape(_setting(record))
    for note in record.notes:
        yield f"> **{escape(note)}**"
    for view in bench_views(record):
        yield f"## {view.title}"
        yield table(view)
        yield "  \n".join(escape(note) for note in view.notes)
    if alt:
        yield f"![{escape(alt)}](throughput.png)"
    failures = unfinished(record)
    if failures:
        yield "## Not timed"
        yield "\n".join(f"- {escape(name)}: {escape(reason)}" for name, reason in failures)
    yield "## How to repeat"
    yield f"    {record.command}"
    yield f"Measured at {record.measured_at} by harness {record.environment.harness}."


def _setting(record: BenchRecord) -> str:
    at = record.environment
    shape = "×".join(str(side) for side in record.input_shape)
    versions = [f"torch {at.torch}"]
    versions += [f"{name} {version}" for name, version in record.libraries.items()]
    return (
        f"{at.gpu or at.processor}, {units.counted(at.cores, 'core')}, {at.system}, machine "
        f"{at.machine[:8]}; {record.device}, {units.counted(record.threads, 'thread')}; "
        f"{', '.join(versions)}; random images of {shape}, {record.classes} classes; timed for "
        f"{record.timed_seconds:.0f} s."
    )
