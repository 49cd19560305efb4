"""How far each run of a plan has come, and how long the rest will take."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from harness.runner import Planned
from harness.runner.estimate import together
from harness.schema import Epoch, Event, RunRecord

BARS = "▁▂▃▄▅▆▇█"


@dataclass
class RunProgress:
    """One run: its state in a word, its epochs so far, their ``seconds``, and part of the next.

    ``record`` is there once the run is over.
    """

    planned: Planned
    state: str = "waiting"
    finished: int = 0
    fraction: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    seconds: float = 0.0
    record: RunRecord | None = None

    @property
    def total(self) -> int:
        """The epochs that the recipe asks for."""
        return self.planned.spec.recipe.epochs

    @property
    def trains(self) -> bool:
        """Whether it is to be trained: neither is it stored, nor are its weights another's."""
        return self.planned.stored is None and self.planned.spec.weights_of is None

    @property
    def waiting(self) -> bool:
        """Whether it has not begun."""
        return self.state == "waiting"

    @property
    def active(self) -> bool:
        """Whether it is being executed."""
        return not (self.waiting or self.ended)

    @property
    def ended(self) -> bool:
        """Whether it has come to its end, or needed none."""
        return self.state == "reused" or self.state.startswith("ended")

    def hear(self, event: Event) -> None:
        """Take in what the run told."""
        if event.kind == "stage":
            self.state = event.text
        elif event.kind == "resumed":
            self.finished = event.number
        elif event.kind == "batch":
            self.fraction = event.fraction
        if event.epoch is not None:
            self.epochs.append(event.epoch)
            self.seconds += event.epoch.train_seconds + event.epoch.valid_seconds
            self.finished, self.fraction = event.epoch.epoch, 0.0

    def end(self, record: RunRecord) -> None:
        """Take in how the run ended."""
        self.state, self.record = f"ended: {record.status}", record

    @property
    def seconds_per_epoch(self) -> float | None:
        """The mean time of the epochs that this process saw, None before the first."""
        return self.seconds / len(self.epochs) if self.epochs else None

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest of its epochs takes, None while nothing tells."""
        if self.ended or not self.trains or self.finished >= self.total:
            return 0.0
        each = self.seconds_per_epoch
        return None if each is None else each * max(0.0, self.total - self.finished - self.fraction)

    @property
    def images_per_second(self) -> float | None:
        """The training throughput of the last epoch."""
        if not self.epochs:
            return None
        return self.planned.spec.dataset.counts["train"] / self.epochs[-1].train_seconds


def seconds_left(runs: Sequence[RunProgress], jobs: int = 1) -> float | None:
    """Return the time that all runs take that are left, ``jobs`` at a time; None: nothing tells.

    A run that has not begun takes as long an epoch as a run of its model on average does, and none
    where one before it trains alike: it will have its weights. (With --force it will not; that is
    known when it begins.)
    """
    known: dict[str, list[float]] = {}
    for run in runs:
        if run.seconds_per_epoch is not None:
            known.setdefault(run.planned.spec.speed_key, []).append(run.seconds_per_epoch)
    means = {key: sum(found) / len(found) for key, found in known.items()}
    times: list[float] = []
    trained: set[str] = set()
    # What goes on comes to its end before what waits is begun.
    for run in sorted(runs, key=lambda run: run.waiting):
        alike = run.planned.spec.train_key
        left = 0.0 if run.waiting and alike in trained else run.seconds_left
        if not run.ended or run.state == "ended: done":
            trained.add(alike or run.planned.spec.key)
        if left is None:
            each = means.get(run.planned.spec.speed_key)
            if each is None:
                return None
            left = each * max(0.0, run.total - run.finished - run.fraction)
        times.append(left)
    return together(times, jobs)


def sparkline(values: Sequence[float], width: int = 16) -> str:
    """Return the values as a line of bars, the lowest to the highest, in at most ``width``."""
    if not values:
        return ""
    count = min(width, len(values))
    edges = [round(index * len(values) / count) for index in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((mean - low) * scale)] for mean in means)
