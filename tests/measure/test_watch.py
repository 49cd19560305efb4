"""What disturbed a session, by counters that are made up."""

import pytest

from harness.measure import watch as module
from harness.measure.idleness import Usage
from harness.measure.watch import Watch


class Machine:
    """Counters that only `pass_` moves."""

    def __init__(self, monkeypatch) -> None:
        self.usage, self.throttled, self.stops = Usage(0.0, 0.0, 0.0, 0.0), 0, 0
        monkeypatch.setattr(module, "usage", lambda: self.usage)
        monkeypatch.setattr(module, "throttle_count", lambda: self.throttled)
        monkeypatch.setattr(module, "stops", lambda: self.stops)

    def pass_(self, clock, *, others=0.0, own=0.0, throttled=0, stops=0) -> None:
        now = self.usage
        self.usage = Usage(
            now.clock + clock, now.everyone + others + own, now.own + own, now.stolen
        )
        self.throttled += throttled
        self.stops += stops


@pytest.fixture
def machine(monkeypatch) -> Machine:
    return Machine(monkeypatch)


def test_what_others_did_between_its_making_and_its_notes_is_said(machine) -> None:
    machine.pass_(100, others=100)
    watch = Watch()
    machine.pass_(30, own=30)
    watch.mark()
    assert watch.notes() == []
    machine.pass_(30, own=30, others=30, throttled=2)
    busy, throttled = watch.notes()
    assert "other processes used" in busy
    assert "throttled 2 times" in throttled


def test_what_others_did_while_this_process_was_stopped_is_none_of_it(machine) -> None:
    watch = Watch()
    machine.pass_(30, own=30)
    watch.mark()
    machine.pass_(300, others=300, throttled=9, stops=1)
    watch.mark()
    machine.pass_(30, own=30)
    assert watch.notes() == []


def test_a_long_rest_hides_nothing(machine) -> None:
    watch = Watch()
    machine.pass_(30, own=30, others=30)
    watch.mark()
    machine.pass_(36000, stops=1)
    watch.mark()
    [note] = watch.notes()
    assert "other processes used" in note
