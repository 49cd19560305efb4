import pytest

from harness.store import Store
from harness.versus.match import match
from harness.versus.side import open_side
from harness.versus.speed import judge_speed, speed_values


@pytest.fixture
def judged(sides, add_run):
    """Return the verdicts by metric for two rates; ``changes`` are of the second's speed."""

    def judge(before, after, **changes):
        for side, rate in zip(sides, (before, after), strict=True):
            add_run(side, rate=rate)
        if changes:
            store, [one] = Store(sides[1]), open_side(sides[1]).results
            for path in (sides[1] / "speed").rglob("*.json"):
                path.unlink()
            store.save_speed(one.speeds[0].model_copy(update=changes))
        [pair] = match(*map(open_side, sides)).both
        return {one.metric: one for one in judge_speed(pair)}

    return judge


def test_faster_is_better_and_a_lower_latency_too(judged):
    found = judged(100.0, 120.0)
    assert {one.verdict for one in found.values()} == {"better"}
    assert found["train_images_per_second"].difference == pytest.approx(0.2)
    assert found["inference_images_per_second"].first == 300
    assert found["latency_p50_ms"].difference == pytest.approx(100 / 120 - 1)


def test_slower_is_worse(judged):
    assert {one.verdict for one in judged(100.0, 80.0).values()} == {"worse"}


def test_what_the_rounds_do_not_part_is_inconclusive(judged):
    found = judged(100.0, 101.5)["train_images_per_second"]
    assert found.verdict == "inconclusive"
    assert found.low < 0 < found.high


def test_what_may_be_drift_is_inconclusive_even_if_the_rounds_part(judged):
    found = judged(100.0, 102.5)["train_images_per_second"]
    assert found.low > 0
    assert found.verdict == "inconclusive"


def test_speeds_of_two_machines_are_not_comparable(judged, add_run, sides):
    other = judged(100.0, 50.0)
    assert other["latency_p50_ms"].verdict == "worse"
    environment = open_side(sides[0]).results[0].speeds[0].environment
    found = judged(100.0, 50.0, environment=environment.model_copy(update={"machine": "there"}))
    assert {one.verdict for one in found.values()} == {"not comparable"}
    assert found["latency_p50_ms"].reason == "the machine differs (here, there)"


def test_speeds_of_two_settings_are_not_comparable(judged):
    found = judged(100.0, 50.0, threads=1, precision="bfloat16")
    assert found["latency_p50_ms"].reason == "the setting differs (precision, threads)"


def test_a_latency_that_was_not_measured_is_not_comparable(judged):
    found = judged(100.0, 50.0, latency_ms={})
    assert found["latency_p50_ms"].verdict == "not comparable"
    assert found["latency_p50_ms"].reason == "the timing of a side gave no such figure"
    assert found["train_images_per_second"].verdict == "worse"


def test_a_latency_whose_rounds_say_otherwise_is_inconclusive(judged):
    """The typical call became slower, and the slow ones fewer."""
    found = judged(100.0, 125.0, latency_ms={"p50": 10.5})["latency_p50_ms"]
    assert found.difference == pytest.approx(0.05)
    assert found.high < 0
    assert found.verdict == "inconclusive"
    assert "the medians of single calls contradict the rounds" in found.reason


def test_a_side_that_was_not_timed_is_said_so(sides, add_run):
    add_run(sides[0], rate=100.0)
    add_run(sides[1])
    [pair] = match(*map(open_side, sides)).both
    assert {one.reason for one in judge_speed(pair)} == {"a side was not timed"}


def test_without_any_speed_nothing_is_said_of_it(sides, add_run):
    for side in sides:
        add_run(side)
    [pair] = match(*map(open_side, sides)).both
    assert judge_speed(pair) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_several_machines_one_that_timed_both_sides_counts(sides, add_run, order):
    """Though another one timed a side after it."""
    one, two = sides[order[0]], sides[order[1]]
    add_run(one, rate=100.0)
    add_run(two, rate=50.0)
    [speed] = open_side(two).results[0].speeds
    elsewhere = speed.environment.model_copy(update={"machine": "elsewhere"})
    later = {"environment": elsewhere, "measured_at": "2026-05-02T04:04:05Z"}
    Store(two).save_speed(speed.model_copy(update=later))
    [pair] = match(*map(open_side, sides)).both
    found = {judgement.metric: judgement for judgement in judge_speed(pair)}
    values = [100.0, 50.0] if order == (0, 1) else [50.0, 100.0]
    train = found["train_images_per_second"]
    assert [train.first, train.second] == values
    assert train.verdict == ("worse" if order == (0, 1) else "better")


def test_the_figures_of_one_side_are_those_that_were_timed_last(sides, add_run):
    add_run(sides[0])
    assert set(speed_values(open_side(sides[0]).results).values()) == {None}
    add_run(sides[0], rate=50.0)
    assert speed_values(open_side(sides[0]).results) == {
        "train_images_per_second": 50,
        "inference_images_per_second": 150,
        "latency_p50_ms": 20,
    }


def test_gpus_of_one_machine_are_compared(sides, add_run):
    for side, rate, device in zip(sides, (100.0, 120.0), ("cuda:0", "cuda:1"), strict=True):
        add_run(side, rate=rate)
        store, [one] = Store(side), open_side(side).results
        store.save_speed(one.speeds[0].model_copy(update={"device": device}))
    [pair] = match(*map(open_side, sides)).both
    assert {one.verdict for one in judge_speed(pair)} == {"better"}


def test_speeds_on_images_of_two_sizes_are_not_comparable(sides, add_run):
    add_run(sides[0], rate=100.0)
    card = open_side(sides[0]).results[0].record.dataset
    add_run(sides[1], rate=50.0, dataset=card.model_copy(update={"input_shape": (1, 16, 16)}))
    [pair] = match(*map(open_side, sides)).both
    assert {(one.verdict, one.reason) for one in judge_speed(pair)} == {
        ("not comparable", "the images or classes differ")
    }
