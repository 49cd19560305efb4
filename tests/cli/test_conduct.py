"""The exit code of `harness run`, where it hangs on what was timed."""

from pathlib import Path

import pytest

from harness.cli.conduct import _speed_verdict
from harness.engines import ProcessEngine
from harness.execute.records import ended_run, make_run, make_speed
from harness.plugins import discover
from harness.runner import Conductor, Plan, Planned
from harness.store import Store


@pytest.fixture
def planned(make_specs):
    """A plan of one run that is done, its record, and a conductor that has an empty store."""
    [spec] = make_specs("convnet")
    record = make_run(spec, "done", selected_epoch=1)
    conductor = Conductor(ProcessEngine(), Store(Path(spec.store)), discover(), None)
    return Plan((Planned(spec, None, "as planned"),)), record, conductor


def test_what_was_timed_is_fine_and_what_was_not_is_a_failure(planned):
    plan, record, conductor = planned
    assert _speed_verdict(plan, [record], conductor) == 1  # It could not be saved.
    conductor.store.save_speed(make_speed(plan.runs[0].spec, "failed", reason="why"))
    assert _speed_verdict(plan, [record], conductor) == 1
    failed = ended_run(plan.runs[0].spec, "failed", "why")
    assert _speed_verdict(plan, [failed], conductor) == 0  # Its own failure is told elsewhere.
    conductor.store.save_speed(make_speed(plan.runs[0].spec, "done"))
    assert _speed_verdict(plan, [record], conductor) == 0
    # Timed again, because of --force, and in vain.
    conductor.untimed.add(plan.runs[0].spec.speed_key)
    assert _speed_verdict(plan, [record], conductor) == 1


def test_the_device_is_that_of_the_command_and_not_of_a_run_that_is_reused(planned):
    plan, record, conductor = planned
    conductor.store.save_speed(make_speed(plan.runs[0].spec, "done"))
    elsewhere = record.model_copy(update={"device": "cuda:1"})
    assert _speed_verdict(plan, [elsewhere], conductor) == 0
