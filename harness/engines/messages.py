"""What parent and child say to each other: one task to the child, JSON lines back."""

from typing import Literal

from harness.schema import Event, Frozen, RobustnessRecord, RunRecord, RunSpec, SpeedRecord


class Task(Frozen):
    """What a child is to do: one run, the robustness of one, or one speed session."""

    kind: Literal["run", "robustness", "speed"]
    specs: tuple[RunSpec, ...]


class Message(Frozen):
    """One line from the child: an event, or at the end its records, or why there is none."""

    event: Event | None = None
    run: RunRecord | None = None
    robustness: RobustnessRecord | None = None
    reason: str = ""
    speed: tuple[SpeedRecord, ...] = ()
