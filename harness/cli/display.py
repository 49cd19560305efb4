"""What the user sees while runs go on where there is no terminal: a line for each thing."""

import threading
from collections.abc import Sequence
from typing import Self

from rich.console import Console

from harness.cli.progress import RunProgress, seconds_left
from harness.report.labels import shortened
from harness.report.units import counted, duration, percent
from harness.runner import Planned
from harness.runner.command import model_words
from harness.schema import Epoch, Event, RobustnessRecord, RunRecord, RunSpec


def run_name(spec: RunSpec) -> str:
    """Return a run's short name: model, arguments, recipe unless it is the default, and seed."""
    named = [spec.recipe_name] if spec.recipe_name != "default" else []
    return " ".join((model_words(spec.model, spec.arguments), *named, f"seed {spec.seed}"))


def run_names(specs: Sequence[RunSpec]) -> dict[str, str]:
    """Return a name for each run by its key, with the fields that tell runs of a model apart."""
    by_model: dict[str, list[RunSpec]] = {}
    for spec in specs:
        by_model.setdefault(model_words(spec.model, spec.arguments), []).append(spec)
    names = {}
    for alike in by_model.values():
        settings = [
            {f"{name}={value}" for name, value in shortened(one.overrides).items()} for one in alike
        ]
        shared = set.intersection(*settings)
        for spec, own in zip(alike, settings, strict=True):
            name, seed = run_name(spec).rsplit(" seed ", 1)
            names[spec.key] = " ".join((name, *sorted(own - shared), f"seed {seed}"))
    return names


def outcome(record: RunRecord) -> str:
    """Return in a few words how a run ended."""
    if record.status != "done" or record.valid is None:
        return f"{record.status}: {record.reason}"
    parts = [f"done: valid {percent(record.valid.accuracy)} %"]
    if record.selected_epoch:
        parts.append(f"at epoch {record.selected_epoch}")
    return " ".join(parts)


def epoch_line(epoch: Epoch, total: int, images: int) -> str:
    """Return an epoch's numbers in one line."""
    return (
        f"epoch {epoch.epoch:>{len(str(total))}}/{total}  "
        f"loss {epoch.train_loss:.3f}  train {percent(epoch.train_accuracy)} %  "
        f"valid {percent(epoch.valid_accuracy)} %  "
        f"{images / epoch.train_seconds:.0f} img/s"
    )


def robustness_line(record: RobustnessRecord) -> str:
    """Return in a few words how far accuracy falls under corruption."""
    plain, mean = percent(record.uncorrupted_accuracy), percent(record.mean_accuracy)
    line = f"test {plain} % uncorrupted, {mean} % corrupted on average"
    if record.relative_loss is None:
        return line
    return f"{line}: relative loss {percent(record.relative_loss)} %"


class PlainDisplay:
    """A line for each thing that happens: for logs and pipes.

    ``runs`` are all of the plan, of which ``jobs`` go on at a time.
    """

    def __init__(self, console: Console, runs: Sequence[Planned], jobs: int = 1) -> None:
        self._console, self._jobs = console, jobs
        self._runs = {run.spec.key: RunProgress(run) for run in runs}
        self._names = run_names([run.spec for run in runs])
        # A display may be drawn by a thread of its own.
        self._changing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def started(self, planned: Planned) -> None:
        """Say that a run begins."""
        self._begin(planned)
        self._say(f"{self._names[planned.spec.key]}: {planned.why}")

    def event(self, spec: RunSpec, event: Event) -> None:
        """Say an epoch's numbers, and how long the rest takes."""
        self._hear(spec, event)
        if event.epoch is not None:
            line = epoch_line(event.epoch, spec.recipe.epochs, spec.dataset.counts["train"])
            self._say(f"{self._names[spec.key]}: {line}{self._left(spec)}")

    def finished(self, planned: Planned, record: RunRecord) -> None:
        """Say how a run ended, or that it was reused."""
        self._end(planned, record)
        words = planned.why if planned.stored else outcome(record)
        self._say(f"{self._names[planned.spec.key]}: {words}")

    def corrupting(self, spec: RunSpec) -> None:
        """Say that a run's evaluation on corrupted images begins."""
        self._say(f"{self._names[spec.key]}: robustness on corrupted test images …")

    def corrupting_event(self, spec: RunSpec, event: Event) -> None:
        """Say nothing: a log needs no more than the end."""

    def corrupted(self, spec: RunSpec, record: RobustnessRecord | None) -> None:
        """Say how far accuracy fell; what went wrong is a warning."""
        if record is not None:
            self._say(f"{self._names[spec.key]}: robustness: {robustness_line(record)}")

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """Say that the speed session begins."""
        self._say(f"timing {counted(len(specs), 'model')}, interleaved; leave the machine alone …")

    def timing_event(self, event: Event) -> None:
        """Say nothing: the session is short."""

    def warn(self, sentence: str) -> None:
        """Say a warning."""
        self._say(f"warning: {sentence}")

    def _begin(self, planned: Planned) -> None:
        with self._changing:
            run = self._runs[planned.spec.key]
            # Since the plan was made, another run may have left weights that it takes over.
            run.planned, run.state = planned, "starting"

    def _hear(self, spec: RunSpec, event: Event) -> None:
        with self._changing:
            self._runs[spec.key].hear(event)

    def _end(self, planned: Planned, record: RunRecord) -> None:
        with self._changing:
            run = self._runs[planned.spec.key]
            run.end(record)
            if planned.stored:
                run.state = "reused"

    def _left(self, spec: RunSpec) -> str:
        """Return how long this run still takes, and all that are left, once that is known."""
        with self._changing:
            left = self._runs[spec.key].seconds_left
            of_all = seconds_left(list(self._runs.values()), self._jobs)
        if not left:
            return ""
        words = f"  {duration(left)} left"
        if of_all is None or duration(of_all) == duration(left):
            return words
        return f"{words}, {duration(of_all)} of all runs"

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
