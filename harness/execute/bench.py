"""The life of one bench: prepare every case, then time all in interleaved rounds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from harness.execute.backends import unsupported_by
from harness.execute.benched import ended_case, make_bench, timed_case, trend_notes
from harness.execute.blame import Blame
from harness.execute.cases import Subject, find_subject, prepare, reference_workload, trainable
from harness.measure.rounds import Rounds, slice_seconds
from harness.measure.stops import watch_stops
from harness.measure.throughput import Workload, time_slice, warm_up
from harness.measure.watch import Watch
from harness.plugins import Host, come_home, discover
from harness.schema import (
    BenchCase,
    BenchModel,
    BenchRecord,
    BenchResult,
    BenchSpec,
    Emit,
    Event,
)
from harness.tensors.device import Policy

STAGES = {"compiled": "compiling", "onnxruntime": "exporting to ONNX"}


@dataclass
class Ready:
    """What became of cases before the clock started; ``failed`` grows while it runs.

    All are by the case's name; ``failed`` holds the labels of models, too, that were not built.
    """

    workloads: dict[str, Workload] = field(default_factory=dict)
    compile_seconds: dict[str, float] = field(default_factory=dict)
    unsupported: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def execute_bench(spec: BenchSpec, emit: Emit) -> BenchRecord:
    """Time the cases of ``spec`` and return the record of all, in their order.

    Modules are built from their plugins; weights do not change how long arithmetic takes. A
    training step is that of `harness run`: forward, loss, backward and optimizer on a batch that
    lies ready. What a case raises becomes its reason, and the others go on.
    """
    policy = Policy(spec.device, "float32", spec.threads)
    ready = Ready()
    labels = {model.label: model for model in spec.models}
    # Once for each plugin: what one registers elsewhere may not stand there twice.
    host_of = cache(discover)
    watch_stops()
    for label, cases in groupby(spec.cases, key=lambda case: case.model):
        _prepare(labels[label], list(cases), spec, ready, emit, host_of)
    policy.apply()
    reference, work = reference_workload(spec.device)
    warm_up(reference, policy.synchronise)
    watch = Watch()
    rounds = Rounds(
        list(ready.workloads.values()),
        [reference],
        ready.failed,
        seconds=spec.seconds,
        width=spec.width,
        seed=spec.seed,
    )
    _time(rounds, watch, spec, ready, policy, emit)
    timed_seconds = rounds.elapsed
    results = [_result(case, ready) for case in spec.cases]
    return make_bench(
        spec,
        results,
        reference=tuple(rate * work for rate in reference.rates),
        notes=(*watch.notes(), *trend_notes(spec, results, reference.rates, timed_seconds)),
        timed_seconds=timed_seconds,
    )


def _prepare(
    model: BenchModel,
    cases: list[BenchCase],
    spec: BenchSpec,
    ready: Ready,
    emit: Emit,
    host_of: Callable[[tuple[str, ...]], Host],
) -> None:
    subject: Subject | str = ""
    learns = False
    with Blame(model.label, ready.failed, emit, "building the model"):
        host = host_of(model.plugins)
        come_home(model.plugins)
        subject = find_subject(model, spec, host)
        learns = not isinstance(subject, str) and trainable(subject)
    if model.label in ready.failed:
        return
    if isinstance(subject, str):
        ready.unsupported |= dict.fromkeys((case.name for case in cases), subject)
        return
    for case in cases:
        reason = unsupported_by(case.backend, case.precision, spec.device)
        if case.mode == "training" and not learns:
            reason = "the model has no parameters to train"
        if reason is not None:
            ready.unsupported[case.name] = reason
            continue
        stage = STAGES.get(case.backend, "warming up")
        with Blame(case.name, ready.failed, emit, stage):
            workload, first = prepare(case, subject, spec)
            ready.workloads[case.name] = workload
            if case.backend in STAGES and first is not None:
                ready.compile_seconds[case.name] = first


def _time(
    rounds: Rounds,
    watch: Watch,
    spec: BenchSpec,
    ready: Ready,
    policy: Policy,
    emit: Emit,
) -> None:
    seconds = slice_seconds(spec.seconds, len(ready.workloads) + 1)
    for number, order in enumerate(rounds, start=1):
        total, wide = len(rounds.going), len(rounds.wide)
        words = f"round {number}, {total - wide} of {total} narrow"
        part = min(1.0, rounds.elapsed / spec.seconds)
        emit(Event(kind="stage", text=words, number=number, fraction=part))
        for workload in order:
            # What one of them sets for the whole process as it is called is no other's.
            policy.apply()
            if workload.owner not in ready.workloads:
                time_slice(workload, policy.synchronise, seconds)
                continue
            with Blame(workload.owner, ready.failed, emit):
                time_slice(workload, policy.synchronise, seconds)
        watch.mark()


def _result(case: BenchCase, ready: Ready) -> BenchResult:
    reason = ready.failed.get(case.name) or ready.failed.get(case.model)
    if reason is not None:
        return ended_case(case, "failed", reason)
    if case.name in ready.unsupported:
        return ended_case(case, "unsupported", ready.unsupported[case.name])
    return timed_case(case, ready.workloads[case.name], ready.compile_seconds.get(case.name))
