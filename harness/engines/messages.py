"""What parent and child say to each other: one task to the child, JSON lines back."""

from typing import Literal

from harness.schema import (
    BenchRecord,
    BenchSpec,
    Event,
    Frozen,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
)


class Task(Frozen):
    """What a child is to do: one run, the robustness of one, a speed session or a bench."""

    kind: Literal["run", "robustness", "speed", "bench"]
    specs: tuple[RunSpec, ...] = ()
    bench: BenchSpec | None = None

    @property
    def threads(self) -> int:
        """The threads that it computes with."""
        return self.bench.threads if self.bench else self.specs[0].threads


class Message(Frozen):
    """One line from the child: an event, or at the end its records, or why there is none."""

    event: Event | None = None
    run: RunRecord | None = None
    robustness: RobustnessRecord | None = None
    reason: str = ""
    bench: BenchRecord | None = None
    speed: tuple[SpeedRecord, ...] = ()
