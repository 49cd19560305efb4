"""From what was timed, or was not, to the record of a bench."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from harness.execute.backends import versions
from harness.execute.blame import without_places
from harness.execute.records import now
from harness.measure.drift import drift_notes
from harness.measure.environment import environment
from harness.measure.interval import FEWEST, rate_interval
from harness.measure.relative import with_relative
from harness.measure.scenarios import find_scenarios
from harness.measure.throughput import Workload, latency_percentiles
from harness.schema import BenchCase, BenchRecord, BenchResult, BenchSpec
from harness.schema.bench import FEWEST_ROUNDS, BenchStatus


def timed_case(case: BenchCase, workload: Workload, compile_seconds: float | None) -> BenchResult:
    """Return the result of a case that was timed in every round."""
    low, high = rate_interval(workload.rates) or (None, None)
    return BenchResult(
        **case.model_dump(),
        status="done",
        images_per_second=statistics.median(workload.rates),
        low=low,
        high=high,
        rates=tuple(workload.rates),
        compile_seconds=compile_seconds,
        latency_ms=latency_percentiles(workload.seconds) if case.mode == "inference" else {},
        latency_samples=len(workload.seconds),
    )


def ended_case(case: BenchCase, status: BenchStatus, reason: str) -> BenchResult:
    """Return the result of a case that could not be timed, with the reason why."""
    return BenchResult(**case.model_dump(), status=status, reason=reason)


def make_bench(spec: BenchSpec, results: Iterable[BenchResult], **fields: Any) -> BenchRecord:
    """Return the record of a bench on this machine."""
    results = tuple(with_relative([_published(one, spec) for one in results]))
    shared = ("input_shape", "classes", "device", "threads", "seconds", "width", "seed", "command")
    return BenchRecord(
        **{name: getattr(spec, name) for name in shared},
        results=results,
        scenarios=tuple(find_scenarios(results)),
        libraries=versions({case.backend for case in spec.cases}),
        environment=environment(spec.device),
        measured_at=now(),
        **fields,
    )


def _published(result: BenchResult, spec: BenchSpec) -> BenchResult:
    if result.reason is None:
        return result
    return result.model_copy(update={"reason": without_places(result.reason, spec.places)})


def with_ended(
    spec: BenchSpec, record: BenchRecord | None, ended: Sequence[BenchResult]
) -> BenchRecord:
    """Return the record, if there is one, with the results of cases that ended its process.

    They stand where ``spec`` has them.
    """
    record = record or make_bench(spec, ())
    found = {result.name: result for result in (*record.results, *ended)}
    results = tuple(_published(found[case.name], spec) for case in spec.cases)
    return record.model_copy(update={"results": results})


def trend_notes(
    spec: BenchSpec,
    results: Sequence[BenchResult],
    reference: Sequence[float],
    seconds: float,
) -> list[str]:
    """Say whether the machine's pace changed in ``seconds``, and what did not become narrow."""
    rates = [result.rates for result in results if len(result.rates) == len(reference)]
    return [*drift_notes(reference, rates), *width_notes(results, spec.width, seconds)]


def _up(fraction: float) -> str:
    """Write a half width in per cent, rounded up: it is wider than what it is held against."""
    return f"{math.ceil(round(1000 * fraction, 6)) / 10:.1f}"


def _digits(seconds: float) -> str:
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"


def width_notes(results: Sequence[BenchResult], width: float, seconds: float) -> list[str]:
    """Say whose interval is wider than asked for, or that the rounds were too few to tell."""
    done = [result for result in results if result.status == "done"]
    if not done:
        return []
    rounds = len(done[0].rates)
    if rounds < FEWEST:
        return [
            f"{rounds} round{'s' * (rounds > 1)} in {_digits(seconds)} s: no interval is stated "
            f"below {FEWEST}; give --seconds more, or time fewer models and batch sizes at once"
        ]
    wide = [one for one in done if one.half_width is None or one.half_width > width]
    if not wide and rounds >= FEWEST_ROUNDS:
        return []
    if not wide:
        return [f"{rounds} rounds in {_digits(seconds)} s: narrow intervals may be so by chance"]
    widest = max(wide, key=lambda one: one.half_width or 0.0)
    return [
        f"{len(wide)} of {len(done)} intervals are wider than ±{100 * width:g} % after "
        f"{_digits(seconds)} s (the widest: {widest.name}, ±{_up(widest.half_width or 0)} %); "
        "--seconds gives them more time"
    ]
