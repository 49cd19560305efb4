"""What an engine does."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from harness.schema import (
    BenchRecord,
    BenchSpec,
    Emit,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
)


class Engine(Protocol):
    """Executes runs and speed sessions somewhere, and always comes back with records."""

    def __init__(self, timeout: float | None = None) -> None:
        """Take the seconds after which a run is given up.

        A session that times n models, which take turns, is given up after n times as long; in a
        bench, each case has them for its preparation, and again for each of its turns.
        """

    def run(self, spec: RunSpec, listen: Emit) -> RunRecord:
        """Execute one run and return its record, which is then in the store as well."""

    def robustness(self, spec: RunSpec, listen: Emit) -> RobustnessRecord | str:
        """Evaluate a finished run on corrupted test images; return the record, or why not.

        The record is then in the store as well.
        """

    def stop(self) -> None:
        """End what goes on, soon; its runs are then recorded as interrupted."""

    def pausing(self) -> AbstractContextManager[None]:
        """Let the terminal's Ctrl-Z pause what goes on, until the context is left."""

    def measure(self, specs: Sequence[RunSpec], listen: Emit) -> list[SpeedRecord]:
        """Time the models of ``specs`` in one session and return a record for each."""

    def bench(self, spec: BenchSpec, listen: Emit) -> BenchRecord:
        """Time all cases of ``spec`` in one session and return its record."""
