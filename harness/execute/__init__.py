"""What is executed, wherever that happens: the life of one run, and of one speed session."""

from harness.execute.records import ended_run, ended_speed
from harness.execute.run import execute_run
from harness.execute.speed import execute_speed

__all__ = ["ended_run", "ended_speed", "execute_run", "execute_speed"]
