"""What is executed, wherever that happens: a run, its robustness, a speed session, or a bench."""

from harness.execute.bench import execute_bench
from harness.execute.benched import ended_case, with_ended
from harness.execute.records import ended_run, ended_speed
from harness.execute.robustness import execute_robustness
from harness.execute.run import execute_run
from harness.execute.speed import execute_speed

__all__ = [
    "ended_case",
    "ended_run",
    "ended_speed",
    "execute_bench",
    "execute_robustness",
    "execute_run",
    "execute_speed",
    "with_ended",
]
