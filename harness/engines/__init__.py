"""Where runs are executed: in this process, or each in a child process."""

from harness.engines.base import Engine
from harness.engines.inline import InlineEngine
from harness.engines.process import ProcessEngine

ENGINES: dict[str, type[Engine]] = {"process": ProcessEngine, "inline": InlineEngine}

__all__ = ["ENGINES", "Engine", "InlineEngine", "ProcessEngine"]
