"""Runs in this very process: for debuggers. What exits or hangs here takes all with it."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from harness.engines.ended import save_unless_finished
from harness.errors import RequestError
from harness.execute import (
    ended_run,
    execute_bench,
    execute_robustness,
    execute_run,
    execute_speed,
)
from harness.schema import (
    BenchRecord,
    BenchSpec,
    Emit,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
)
from harness.store import Store


class InlineEngine:
    """Executes in this process, so that a breakpoint in a plugin is reached."""

    def __init__(self, timeout: float | None = None) -> None:
        if timeout is not None:
            raise RequestError("--timeout needs a process to end; use it with --engine process")
        # As a child's: cuBLAS gives the same bits twice only with a workspace of a fixed size.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

    def run(self, spec: RunSpec, listen: Emit) -> RunRecord:
        """Execute one run here."""
        try:
            return execute_run(spec, listen, own_process=False)
        except KeyboardInterrupt:
            record = ended_run(spec, "interrupted", "stopped by the user")
            save_unless_finished(Store(Path(spec.store)), spec, record)
            raise

    def robustness(self, spec: RunSpec, listen: Emit) -> RobustnessRecord | str:
        """Evaluate a finished run on corrupted test images here."""
        return execute_robustness(spec, listen)

    def stop(self) -> None:
        """Do nothing: what goes on in this process is stopped by the interrupt itself."""

    def pausing(self) -> AbstractContextManager[None]:
        """Do nothing: the terminal pauses this process by itself."""
        return nullcontext()

    def measure(self, specs: Sequence[RunSpec], listen: Emit) -> list[SpeedRecord]:
        """Hold a speed session here."""
        return execute_speed(specs, listen)

    def bench(self, spec: BenchSpec, listen: Emit) -> BenchRecord:
        """Time all cases here."""
        return execute_bench(spec, listen)
