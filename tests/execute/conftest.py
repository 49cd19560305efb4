"""The life of one run, in this process."""

from collections.abc import Callable

import pytest

from harness.execute import execute_run
from harness.schema import Event, RunRecord, RunSpec


@pytest.fixture
def execute() -> Callable[[RunSpec], tuple[RunRecord, list[Event]]]:
    """Execute a run; return its record, and what it told meanwhile."""

    def execute(spec: RunSpec) -> tuple[RunRecord, list[Event]]:
        events: list[Event] = []
        return execute_run(spec, events.append, own_process=False), events

    return execute
