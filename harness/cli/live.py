"""The live table of `harness run`: every run with its epoch, valid accuracy, speed and ETA."""

import time
from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.cli.display import PlainDisplay
from harness.cli.progress import RunProgress, seconds_left, sparkline
from harness.report.units import counted, duration
from harness.runner import Planned
from harness.schema import Event, RobustnessRecord, RunSpec

# More rows than this do not fit on a screen; those that ended or wait are summed up.
MOST_ROWS = 16


class LiveDisplay(PlainDisplay):
    """A table that is drawn anew a few times a second; above it a line for each run that ended."""

    # Drawing takes time from the training on the same cores.
    REFRESHES_PER_SECOND = 2

    def __init__(self, console: Console, runs: Sequence[Planned], jobs: int = 1) -> None:
        super().__init__(console, runs, jobs)
        self._started = time.monotonic()
        self._words = ""
        self._corrupted: dict[str, str] = {}
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=self.REFRESHES_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> "LiveDisplay":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def started(self, planned: Planned) -> None:
        """Mark a run as begun."""
        self._begin(planned)

    def event(self, spec: RunSpec, event: Event) -> None:
        """Take in what a run told."""
        self._hear(spec, event)

    def corrupting(self, spec: RunSpec) -> None:
        """Show that a run is evaluated on corrupted images."""
        self._tell_of(spec, "starting")

    def corrupting_event(self, spec: RunSpec, event: Event) -> None:
        """Show under which corruption it is evaluated."""
        self._tell_of(spec, f"{event.text}, {100 * event.fraction:.0f} % done")

    def corrupted(self, spec: RunSpec, record: RobustnessRecord | None) -> None:
        """Say how far accuracy fell, and show it no more."""
        with self._changing:
            del self._corrupted[spec.key]
        super().corrupted(spec, record)

    def _tell_of(self, spec: RunSpec, words: str) -> None:
        with self._changing:
            self._corrupted[spec.key] = f"robustness of {self._names[spec.key]}: {words}"

    def timing(self, specs: Sequence[RunSpec]) -> None:
        """Say that the speed session goes on."""
        self._words = (
            f"timing {counted(len(specs), 'model')}, interleaved; leave the machine alone …"
        )

    def render(self) -> RenderableType:
        """Return what is to be seen now."""
        with self._changing:
            if self._words:
                return Text(self._words)
            if self._corrupted:
                return Text("\n".join(self._corrupted.values()))
            return self._table()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("run", "epoch", "valid %", "", "img/s", "ETA", "state"):
            table.add_column(name, justify="left" if name in ("run", "", "state") else "right")
        runs = list(self._runs.values())
        shown = [run for run in runs if run.active] or [run for run in runs if not run.ended][:1]
        if len(runs) <= MOST_ROWS:
            shown = runs
        for run in shown:
            name = self._names[run.planned.spec.key]
            table.add_row(Text(name), *_cells(run), style="" if run.active else "dim")
        ended, left = sum(run.ended for run in runs), seconds_left(runs, self._jobs)
        words = f"{ended} of {len(runs)} runs, {duration(time.monotonic() - self._started)} so far"
        eta = duration(left) if left is not None else "–"
        table.add_row(Text(words, style="bold"), "", "", "", "", eta, "in total")
        return table


def _cells(run: RunProgress) -> list[RenderableType]:
    accuracies = [epoch.valid_accuracy for epoch in run.epochs]
    rate, left = run.images_per_second, run.seconds_left
    epochs, now = "–", accuracies[-1] if accuracies else None
    if run.active:
        epochs = f"{run.finished + run.fraction:.1f}"
    elif run.record:
        # What is over has the accuracy of the epoch that was selected.
        epochs = str(run.finished or run.total) if run.record.status == "done" else "–"
        now = run.record.valid.accuracy if run.record.valid else now
    return [
        f"{epochs}/{run.total}",
        "–" if now is None else f"{100 * now:.1f}",
        sparkline(accuracies),
        f"{rate:.0f}" if rate else "–",
        duration(left) if left else "–",
        Text(run.state.removeprefix("ended: ")),
    ]
