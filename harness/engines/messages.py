"""What parent and child say to each other: one task to the child, JSON lines back."""

from typing import Literal

from harness.schema import Event, Frozen, RunRecord, RunSpec, SpeedRecord


class Task(Frozen):
    """What a child is to do: one run, or one speed session."""

    kind: Literal["run", "speed"]
    specs: tuple[RunSpec, ...]


class Message(Frozen):
    """One line from the child: an event, or at the end its records."""

    event: Event | None = None
    run: RunRecord | None = None
    speed: tuple[SpeedRecord, ...] = ()
