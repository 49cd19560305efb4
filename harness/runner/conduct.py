"""Conduct a plan: runs one after another, then one speed session, and every record comes back."""

from collections.abc import Sequence
from typing import Protocol

from harness.engines import Engine
from harness.measure.environment import environment
from harness.plugins import Host
from harness.runner.plan import Plan, Planned
from harness.schema import Event, RunRecord, RunSpec
from harness.store import Store


class Display(Protocol):
    """Shows the user what is going on; it decides nothing."""

    def started(self, planned: Planned) -> None:
        """A run begins."""

    def event(self, spec: RunSpec, event: Event) -> None:
        """Something happened in a run."""

    def finished(self, planned: Planned, record: RunRecord) -> None:
        """A run ended, or was reused."""

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """The speed session begins."""

    def timing_event(self, event: Event) -> None:
        """The speed session goes on."""

    def warn(self, sentence: str) -> None:
        """Something went wrong that stops nothing."""


def conduct(
    plan: Plan, engine: Engine, store: Store, host: Host, display: Display, *, force: bool
) -> list[RunRecord]:
    """Execute what the plan does not reuse, time what has no speed yet, and return all records."""
    records = []
    for planned in plan.runs:
        record = planned.stored
        if record is None:
            record = _execute(planned, engine, store, host, display, force)
        display.finished(planned, record)
        records.append(record)
    _measure(plan, records, engine, store, display, force)
    return records


def _execute(
    planned: Planned, engine: Engine, store: Store, host: Host, display: Display, force: bool
) -> RunRecord:
    spec = planned.spec
    if force:
        store.discard(spec)
    display.started(planned)
    host.notify("harness_run_started", display.warn, spec=spec)

    def listen(event: Event) -> None:
        display.event(spec, event)
        if event.epoch is not None:
            host.notify("harness_epoch_finished", display.warn, spec=spec, epoch=event.epoch)

    record = engine.run(spec, listen)
    host.notify("harness_run_finished", display.warn, record=record)
    return record


def _measure(
    plan: Plan,
    records: Sequence[RunRecord],
    engine: Engine,
    store: Store,
    display: Display,
    force: bool,
) -> None:
    """Time every model that finished and has no speed on this machine, in one session."""
    done = {record.key for record in records if record.status == "done"}
    specs = {run.spec.speed_key: run.spec for run in plan.runs if run.spec.key in done}
    if not specs:
        return
    machine = environment(plan.runs[0].spec.device).machine

    def missing(spec: RunSpec) -> bool:
        record = store.speed(machine, spec.model, spec.speed_key)
        return force or record is None or record.status != "done"

    waiting = [spec for spec in specs.values() if missing(spec)]
    if not waiting:
        return
    # All models of the plan are timed again: rates are compared within one session only.
    display.timing(list(specs.values()))
    for speed in engine.measure(list(specs.values()), display.timing_event):
        store.save_speed(speed)
        if speed.status != "done":
            display.warn(f"{speed.model} could not be timed: {speed.reason}")
