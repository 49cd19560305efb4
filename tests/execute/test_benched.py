import pytest

from harness.execute.benched import timed_case, width_notes
from harness.execute.blame import without_places
from harness.measure.interval import rate_interval
from harness.measure.throughput import Workload
from harness.schema import BenchCase, BenchResult


def result(rounds: int, half: float | None) -> BenchResult:
    return BenchResult(
        model="m",
        precision="float32",
        backend="eager",
        mode="inference",
        batch_size=8,
        status="done",
        images_per_second=100.0,
        low=None if half is None else 100 * (1 - half),
        high=None if half is None else 100 * (1 + half),
        rates=(100.0,) * rounds,
    )


def test_narrow_intervals_of_enough_rounds_need_no_word() -> None:
    assert width_notes([result(10, 0.009)], 0.01, 60) == []
    assert width_notes([], 0.01, 60) == []


@pytest.mark.parametrize(
    ("rounds", "half", "words"),
    [
        (1, None, "1 round in 60 s: no interval is stated below 6"),
        (5, None, "5 rounds in 60 s: no interval is stated below 6"),
        (9, 0.001, "9 rounds in 60 s: narrow intervals may be so by chance"),
        (9, 0.1, "1 of 1 intervals are wider than ±1 % after 60 s (the widest: m float32 eager"),
    ],
)
def test_what_an_interval_cannot_be_trusted_for_is_said(rounds, half, words) -> None:
    [note] = width_notes([result(rounds, half)], 0.01, 60)
    assert note.startswith(words)


def test_the_widest_of_several_is_named() -> None:
    wider = result(20, 0.2).model_copy(update={"batch_size": 64})
    [note] = width_notes([result(20, 0.05), wider, result(20, 0.005)], 0.01, 60)
    assert note.startswith("2 of 3 intervals")
    assert "batch 64, ±20.0 %" in note


def test_a_timed_case_has_the_interval_of_its_rates() -> None:
    case = BenchCase(
        model="m", precision="float32", backend="eager", mode="inference", batch_size=8
    )
    rates = [104.0, 101, 108, 103, 110, 102, 107, 105, 109, 106, 100, 111]
    work = Workload(case.name, "8", 8, lambda: None, lambda: None, rates=rates)
    found = timed_case(case, work, None)
    assert (found.images_per_second, found.low, found.high) == (105.5, *rate_interval(rates))
    assert min(rates) < found.low < found.high < max(rates)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/data is gone", "data is gone"),
        ("cannot read '/data/x.npy'", "cannot read 'data/x.npy'"),
        ("/opt/data/weights.pt is missing", "/opt/data/weights.pt is missing"),
        ("/database, src/data/x", "/database, src/data/x"),
        ("/data/more/net.py: no", "net.py: no"),
        ("file:///data/more/net.py", "file://net.py"),
        ("/data/more/net.pyc", "net.pyc"),
    ],
)
def test_a_reason_names_the_last_part_of_what_is_this_machines(text, told):
    assert without_places(text, ("/data", None, "/data/more/net.py")) == told


@pytest.mark.parametrize(("seconds", "told"), [(60.04, "60"), (9.96, "9.96"), (1800.3, "1800")])
def test_seconds_are_said_as_people_write_them(seconds, told) -> None:
    [note] = width_notes([result(20, 0.05)], 0.01, seconds)
    assert f" after {told} s " in note


def test_no_width_is_said_to_be_wider_than_itself() -> None:
    [note] = width_notes([result(20, 0.0103)], 0.01, 60)
    assert "wider than ±1 %" in note
    assert "±1.1 %" in note
