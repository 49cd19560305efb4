"""What the user sees while runs go on: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from harness.runner import Planned
from harness.schema import Epoch, Event, RunRecord, RunSpec


def run_name(spec: RunSpec) -> str:
    """Return a run's short name: model, arguments and seed."""
    inner = ",".join(f"{name}={value}" for name, value in spec.arguments.items())
    return f"{spec.model}{f'[{inner}]' if inner else ''} seed {spec.seed}"


def outcome(record: RunRecord) -> str:
    """Return in a few words how a run ended."""
    if record.status != "done" or record.valid is None:
        return f"{record.status}: {record.reason}"
    parts = [f"done: valid {100 * record.valid.accuracy:.1f} %"]
    if record.selected_epoch:
        parts.append(f"at epoch {record.selected_epoch}")
    return " ".join(parts)


def epoch_line(epoch: Epoch, total: int, images: int) -> str:
    """Return an epoch's numbers in one line."""
    return (
        f"epoch {epoch.epoch:>{len(str(total))}}/{total}  "
        f"loss {epoch.train_loss:.3f}  train {100 * epoch.train_accuracy:.1f} %  "
        f"valid {100 * epoch.valid_accuracy:.1f} %  "
        f"{images / epoch.train_seconds:,.0f} img/s"
    )


class PlainDisplay:
    """A line for each thing that happens: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def started(self, planned: Planned) -> None:
        """Say that a run begins."""
        self._say(f"{run_name(planned.spec)}: {planned.why}")

    def event(self, spec: RunSpec, event: Event) -> None:
        """Say an epoch's numbers."""
        if event.epoch is not None:
            line = epoch_line(event.epoch, spec.recipe.epochs, spec.dataset.counts["train"])
            self._say(f"{run_name(spec)}: {line}")

    def finished(self, planned: Planned, record: RunRecord) -> None:
        """Say how a run ended, or that it was reused."""
        words = planned.why if planned.stored else outcome(record)
        self._say(f"{run_name(planned.spec)}: {words}")

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """Say that the speed session begins."""
        self._say(f"timing {len(specs)} models, interleaved; leave the machine alone …")

    def timing_event(self, event: Event) -> None:
        """Say nothing: the session is short."""

    def warn(self, sentence: str) -> None:
        """Say a warning."""
        self._say(f"warning: {sentence}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveDisplay(PlainDisplay):
    """A bar for the run that goes on, above it a line for each that ended."""

    # Drawing takes time from the training on the same cores.
    SECONDS_BETWEEN = 0.2

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[numbers]}", markup=False),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            refresh_per_second=4,
        )
        super().__init__(self._progress.console)
        self._task: TaskID | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def started(self, planned: Planned) -> None:
        """Begin a bar over the epochs of a run."""
        super().started(planned)
        spec = planned.spec
        self._task = self._progress.add_task(
            run_name(spec), total=max(1, spec.recipe.epochs), numbers="starting"
        )

    def event(self, spec: RunSpec, event: Event) -> None:
        """Move the bar on."""
        if self._task is None:
            return
        if event.kind == "batch" and time.monotonic() - self._drawn > self.SECONDS_BETWEEN:
            self._drawn = time.monotonic()
            self._progress.update(self._task, completed=event.number - 1 + event.fraction)
        if event.kind == "stage":
            self._progress.update(self._task, numbers=event.text)
        if event.kind == "resumed" and event.number:
            self._progress.reset(self._task, completed=event.number)
        if event.epoch is not None:
            line = epoch_line(event.epoch, spec.recipe.epochs, spec.dataset.counts["train"])
            self._progress.update(self._task, completed=event.number, numbers=line)

    def finished(self, planned: Planned, record: RunRecord) -> None:
        """Replace the bar by a line."""
        self._remove_bar()
        super().finished(planned, record)

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """Show that the speed session goes on."""
        super().timing(specs)
        self._task = self._progress.add_task("timing", total=None, numbers="")

    def _remove_bar(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None


def make_display(console: Console) -> PlainDisplay:
    """Return bars for a terminal, lines for anything else."""
    return LiveDisplay(console) if console.is_terminal else PlainDisplay(console)
