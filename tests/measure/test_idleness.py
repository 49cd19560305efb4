import subprocess
import sys
import time

import pytest

from harness.measure.idleness import Usage, idleness_notes, usage

BEFORE = Usage(clock=1000.0, everyone=5000.0, own=20.0, stolen=7.0)


def after(clock=10.0, others=0.0, own=15.0, stolen=0.0) -> Usage:
    return Usage(1000.0 + clock, 5000.0 + others + own, 20.0 + own, 7.0 + stolen)


def test_what_the_process_itself_uses_is_no_disturbance() -> None:
    assert idleness_notes(BEFORE, after(own=20.0), 2) == []


@pytest.mark.parametrize(("others", "said"), [(0.4, False), (0.6, True)])
def test_others_may_use_5_per_cent_of_a_core(others, said) -> None:
    assert bool(idleness_notes(BEFORE, after(others=others), 8)) is said


def test_the_share_is_that_of_all_cores() -> None:
    [note] = idleness_notes(BEFORE, after(others=10.0), 4)
    assert note.startswith("the machine was not idle: other processes used 1 of the 4 cores")
    [note] = idleness_notes(BEFORE, after(others=5.0), 1)
    assert "50 % of the core;" in note


def test_time_that_a_hypervisor_withheld_is_said_apart() -> None:
    [note] = idleness_notes(BEFORE, after(stolen=4.0), 2)
    assert "hypervisor withheld 0.4 of the 2 cores" in note


def test_of_a_moment_nothing_is_said() -> None:
    assert idleness_notes(BEFORE, BEFORE, 2) == []
    assert idleness_notes(BEFORE, after(clock=0.001, own=0.0, others=0.01), 2) == []


def test_a_planted_load_is_seen_on_this_machine() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as load:
        try:
            before = usage()
            time.sleep(1.0)
            [note] = [n for n in idleness_notes(before, usage()) if "other processes" in n]
        finally:
            load.kill()
    assert "the machine was not idle" in note


def test_work_of_this_process_is_counted_as_its_own() -> None:
    before = usage()
    deadline = time.process_time() + 0.3
    while time.process_time() < deadline:
        pass
    now = usage()
    assert now.own - before.own >= 0.25
    assert now.everyone - before.everyone >= 0.25


def test_of_many_cores_a_number_stays_one():
    [note] = idleness_notes(BEFORE, after(others=1300.0), 256)
    assert "used 130 of the 256 cores" in note
