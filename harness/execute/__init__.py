"""What is executed, wherever that happens: a run, its robustness, or a speed session."""

from harness.execute.records import ended_run, ended_speed
from harness.execute.robustness import execute_robustness
from harness.execute.run import execute_run
from harness.execute.speed import execute_speed

__all__ = ["ended_run", "ended_speed", "execute_robustness", "execute_run", "execute_speed"]
