"""Conduct a plan: runs, their robustness, one speed session; and every record comes back."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from harness.engines import Engine
from harness.errors import DataError, StoreError
from harness.execute.records import ended_run
from harness.measure.environment import environment
from harness.plugins import Host
from harness.runner.plan import Plan, Planned, plan_run, reuse_weights
from harness.runner.reassess import outdated, reassess
from harness.schema import Event, RobustnessRecord, RunRecord, RunSpec
from harness.store import Store

T = TypeVar("T")
R = TypeVar("R")


class Display(Protocol):
    """Shows the user what is going on; it decides nothing."""

    def started(self, planned: Planned) -> None:
        """A run begins."""

    def event(self, spec: RunSpec, event: Event) -> None:
        """Something happened in a run."""

    def finished(self, planned: Planned, record: RunRecord) -> None:
        """A run ended, or was reused."""

    def corrupting(self, spec: RunSpec) -> None:
        """A run's evaluation on corrupted images begins."""

    def corrupting_event(self, spec: RunSpec, event: Event) -> None:
        """It goes on."""

    def corrupted(self, spec: RunSpec, record: RobustnessRecord | None) -> None:
        """It ended, without a record where it failed."""

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """The speed session begins."""

    def timing_event(self, event: Event) -> None:
        """The speed session goes on."""

    def warn(self, sentence: str) -> None:
        """Something went wrong that stops nothing."""


@dataclass(frozen=True)
class Conductor:
    """What runs are conducted with; ``jobs`` of them go on at a time.

    ``robustness`` asks for every finished run on corrupted test images.
    """

    engine: Engine
    store: Store
    host: Host
    display: Display
    force: bool = False
    jobs: int = 1
    robustness: bool = False
    speed: bool = True
    # The keys of the speeds that were to be measured and could not be.
    untimed: set[str] = field(default_factory=set)
    # Plugins' hooks need not expect to be called from several threads at once.
    _speaking: threading.RLock = field(default_factory=threading.RLock)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def conduct(self, plan: Plan) -> list[RunRecord]:
        """Execute what the plan does not reuse, and return all records.

        What finished is then corrupted, if that is asked for, and timed, unless that is not wanted,
        each where the store does not tell already.
        """
        records = self._all_runs(plan)
        if self.robustness:
            self._each(self._corrupt, self._unknown_robustness(plan, records))
        if self.speed:
            self._measure(plan, records)
        return records

    def _all_runs(self, plan: Plan) -> list[RunRecord]:
        """Make all runs; those that train alike one after the other, to share the first's weights.

        With ``force``, nobody's weights are shared.
        """
        alike: dict[str, list[Planned]] = {}
        for run in plan.runs:
            key = run.spec.key if self.force else run.spec.train_key or run.spec.key
            alike.setdefault(key, []).append(run)
        if self.jobs == 1:
            alike = {run.spec.key: [run] for run in plan.runs}  # In the order of the plan.
        made = self._each(lambda runs: [self._run(run) for run in runs], list(alike.values()))
        by_key = {record.key: record for records in made for record in records}
        return [by_key[run.spec.key] for run in plan.runs]

    def _each(self, act: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Act on every item, ``jobs`` of them at a time."""
        if self.jobs == 1:
            return [act(item) for item in items]
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                return list(pool.map(act, items))
            except KeyboardInterrupt:
                self._stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                self.engine.stop()
                raise

    def _run(self, planned: Planned) -> RunRecord:
        # Whoever waited for its turn must not begin, or remove anything, after Ctrl-C.
        if self._stopping.is_set():
            raise KeyboardInterrupt
        # Another command may have finished it since the plan was made, or removed it.
        stored = None if self.force else self.store.finished(planned.spec)
        record = self._reuse(planned.spec, stored) if stored else self._execute(planned)
        with self._speaking:
            self.display.finished(planned, record)
        return record

    def _reuse(self, spec: RunSpec, stored: RunRecord) -> RunRecord:
        """Return a stored record, judged by the audit that its data has by now.

        What was a first look, of which nobody chose the epochs, is one no more if they are chosen;
        and its speed is found by the key by which it is measured now.
        """
        try:
            if stored != self._as_now(spec, stored):
                with self.store.lock(stored):
                    # If it has gone at this moment, what is left of it must not look like a run.
                    if there := self.store.find(spec):
                        stored = self._as_now(spec, there)
                        self.store.save(stored)
            return reassess(spec, stored, self.store) if outdated(spec, stored) else stored
        except (StoreError, DataError) as error:
            with self._speaking:
                self.display.warn(str(error))
            return stored

    def _as_now(self, spec: RunSpec, stored: RunRecord) -> RunRecord:
        changes: dict[str, object] = {"quick": stored.quick and spec.quick}
        if self.speed:
            changes["speed_key"] = spec.speed_key
        return stored.model_copy(update=changes)

    def _execute(self, planned: Planned) -> RunRecord:
        if self.force:
            try:
                self.store.discard(planned.spec)
            except StoreError as error:
                return ended_run(planned.spec, "failed", str(error))
        else:
            # One that trained alike may have finished since the plan was made, or have gone.
            alone = planned.spec.model_copy(update={"weights_of": None})
            fresh = reuse_weights(alone, self.store)
            gone = planned.stored or (planned.spec.weights_of and not fresh)
            planned = plan_run(alone, self.store, force=False) if gone else fresh or planned
        spec = planned.spec
        with self._speaking:
            self.display.started(planned)
            self.host.notify("harness_run_started", self.display.warn, spec=spec)
        before = self.store.find(spec)
        try:
            record = self.engine.run(spec, lambda event: self._hear(spec, event))
        except KeyboardInterrupt:
            self._stopping.set()
            ended = self.store.find(spec)
            # Where that could not be saved, what lies there is of an earlier try.
            if ended and ended.status == "interrupted" and ended != before:
                self._tell_of_end(ended)
            raise
        self._tell_of_end(record)
        return record

    def _tell_of_end(self, record: RunRecord) -> None:
        with self._speaking:
            self.host.notify("harness_run_finished", self.display.warn, record=record)

    def _hear(self, spec: RunSpec, event: Event) -> None:
        with self._speaking:
            self.display.event(spec, event)
            if event.epoch is not None:
                hook, warn = "harness_epoch_finished", self.display.warn
                self.host.notify(hook, warn, spec=spec, epoch=event.epoch)

    def _unknown_robustness(self, plan: Plan, records: Sequence[RunRecord]) -> list[RunSpec]:
        done = {record.key for record in records if record.status == "done"}
        specs = [run.spec for run in plan.runs if run.spec.key in done]
        unknown = []
        for spec in specs:
            problems: list[str] = []
            known = self.store.robustness(spec, problems.append)
            if known is None and not self._told(problems):
                unknown.append(spec)
        return unknown

    def _told(self, problems: Sequence[str]) -> bool:
        """Warn of files that cannot be read: they may be of a later version, and are let alone."""
        for problem in problems:
            self.display.warn(problem)
        return bool(problems)

    def _corrupt(self, spec: RunSpec) -> None:
        with self._speaking:
            self.display.corrupting(spec)
        found = self.engine.robustness(spec, lambda event: self._hear_corruption(spec, event))
        with self._speaking:
            self.display.corrupted(spec, None if isinstance(found, str) else found)
            if isinstance(found, str):
                name = f"{spec.model} (seed {spec.seed})"
                self.display.warn(f"{name}: its robustness could not be evaluated: {found}")

    def _hear_corruption(self, spec: RunSpec, event: Event) -> None:
        with self._speaking:
            self.display.corrupting_event(spec, event)

    def _measure(self, plan: Plan, records: Sequence[RunRecord]) -> None:
        """Time every model that finished and has no speed on this machine, in one session."""
        done = {record.key for record in records if record.status == "done"}
        by_key = {run.spec.speed_key: run.spec for run in plan.runs if run.spec.key in done}
        untimed = [(spec, self._untimed(spec)) for spec in by_key.values()]
        if not any(lacking for _, lacking in untimed):
            return
        # All models of the plan are timed again: rates are compared within one session only.
        specs = [spec for spec, lacking in untimed if lacking is not None]
        self.display.timing(specs)
        found = self.engine.measure(specs, self.display.timing_event)
        for speed in found:
            try:
                self.store.save_speed(speed)
            except StoreError as error:
                # The others are kept all the same, and the report is still to be written.
                self.display.warn(str(error))
            if speed.status != "done":
                self.untimed.add(speed.key)
                self.display.warn(f"{speed.model} could not be timed: {speed.reason}")
        for note in dict.fromkeys(note for speed in found for note in speed.notes):
            self.display.warn(f"speeds: {note}")

    def _untimed(self, spec: RunSpec) -> bool | None:
        """Whether the store lacks the model's speed; None where what it has cannot be read."""
        machine, problems = environment(spec.device).machine, list[str]()
        record = self.store.speed(machine, spec.model, spec.speed_key, problems.append)
        if self.force:
            return True
        if self._told(problems):
            return None
        return record is None or record.status != "done"
