"""The clock is replaced by one that only work moves: nothing here depends on the machine."""

import pytest

from harness.measure import rounds as module
from harness.measure.rounds import FEWEST_ROUNDS, Rounds, narrow, slice_seconds
from harness.measure.throughput import Workload


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    clock = Clock()
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock.now)
    return clock


def workload(name: str) -> Workload:
    return Workload(name, name, 1, lambda: None, lambda: None)


def rounds(items, clock, rates=lambda item, number: 100.0, failed=None, **words):
    """Return the orders of all rounds; each workload takes a second and has the rate given."""
    settings = {"seconds": 1000.0, "width": 0.01, "seed": 0, **words}
    found = []
    beside = [workload("reference")]
    for order in Rounds(items, beside, {} if failed is None else failed, **settings):
        found.append([item.owner for item in order])
        for item in order:
            clock.now += 1
            item.rates.append(rates(item, len(found)))
    return found


def test_rounds_end_when_every_interval_is_narrow(clock) -> None:
    items = [workload("a"), workload("b")]
    assert len(rounds(items, clock)) == FEWEST_ROUNDS


def test_narrow_intervals_of_a_moment_are_not_believed(clock, monkeypatch) -> None:
    """Ten rounds of a small model take a second, in which no neighbour comes or goes."""
    items, seen = [workload("a")], 0
    for order in Rounds(items, [], {}, seconds=60, width=0.01, seed=0):
        seen += 1
        clock.now += 0.5
        order[0].rates.append(100.0)
    assert seen == 20


def test_one_wide_interval_makes_all_go_on(clock) -> None:
    items = [workload("steady"), workload("shaky")]

    def rates(item, number):
        # From the thirtieth round on the middle of the sorted rates is narrow.
        return 100.0 if item.owner != "shaky" or number % 4 else 50.0

    found = rounds(items, clock, rates)
    assert len(found) > FEWEST_ROUNDS
    assert all(narrow(item, 0.01) for item in items)
    assert len(items[0].rates) == len(items[1].rates) == len(found)


def test_rounds_end_before_the_time_would_be_exceeded(clock) -> None:
    items = [workload("a"), workload("b")]
    found = rounds(items, clock, lambda item, number: 2.0**number, seconds=20)
    # Each takes three seconds with the reference; a seventh would end after 21.
    assert len(found) == 6
    assert clock.now - 100 <= 20


def test_rounds_end_though_the_process_is_stopped_in_each(clock, monkeypatch) -> None:
    """As by a tool that throttles processes: such a round cannot be left out for ever."""
    count = iter(range(10**6))
    monkeypatch.setattr(module, "stops", lambda: next(count))
    seen = 0
    for _ in Rounds([workload("a")], [], {}, seconds=20, width=0.01, seed=0):
        seen += 1
        clock.now += 1
        assert seen < 1000
    assert 20 <= seen <= 22


def test_a_pause_takes_nothing_of_the_time(clock, monkeypatch) -> None:
    count = [0]
    monkeypatch.setattr(module, "stops", lambda: count[0])
    seen = 0
    for _ in Rounds([workload("a")], [], {}, seconds=20, width=0.01, seed=0):
        seen += 1
        clock.now += 1
        if seen in (1, 10, 11):
            clock.now += 3600
            count[0] += 1
    # The first has no predecessor to tell how long it took, so all of it is left out.
    assert seen == 21


def test_a_first_round_there_always_is(clock) -> None:
    assert len(rounds([workload("a")], clock, seconds=0.1)) == 1


def test_every_round_has_all_in_another_order_which_a_seed_repeats(clock) -> None:
    def orders(seed):
        return rounds([workload(name) for name in "abcde"], clock, seed=seed)

    first = orders(0)
    assert all(sorted(order) == [*"abcde", "reference"] for order in first)
    assert len({tuple(order) for order in first}) > 5
    assert orders(0) == first
    assert orders(1) != first


def test_what_failed_is_left_out_and_holds_up_nobody(clock) -> None:
    failed: dict[str, str] = {}

    def rates(item, number):
        if item.owner == "bad" and number == 3:
            failed["bad"] = "no luck"
        return 100.0 + (number * 10 if item.owner == "bad" else 0)

    found = rounds([workload("good"), workload("bad")], clock, rates, failed)
    assert ["bad" in order for order in found] == [True] * 3 + [False] * (FEWEST_ROUNDS - 3)


def test_there_is_no_round_where_all_failed(clock) -> None:
    assert rounds([workload("bad")], clock, failed={"bad": "no luck"}) == []


def test_slices_leave_time_for_enough_rounds_within_their_bounds() -> None:
    assert slice_seconds(60, 10) == 0.1
    assert slice_seconds(60, 20) == pytest.approx(0.06)
    assert slice_seconds(1, 100) == 0.02
