import numpy as np
import pytest

from harness.measure.relative import with_relative
from harness.schema import BenchResult


def result(model, rates, *, mode="inference", size=64, **words):
    fields = {"model": model, "precision": "float32", "backend": "eager", "status": "done"}
    rate = float(np.median(rates)) if len(rates) else None
    return BenchResult.model_validate(
        {**fields, "mode": mode, "batch_size": size, "images_per_second": rate}
        | {"rates": tuple(rates)}
        | words
    )


def test_what_the_machine_does_to_a_round_is_in_no_ratio():
    """Its pace halves in the middle of the session: so do both rates, and no ratio."""
    random = np.random.default_rng(0)
    pace = np.repeat([1.0, 0.5], 20) * random.uniform(0.8, 1.2, 40)
    noise = random.normal(1, 0.01, (2, 40))
    slow, fast = with_relative(
        [result("slow", 600 * pace * noise[0]), result("fast", 1000 * pace * noise[1])]
    )
    assert slow.relative == pytest.approx(0.6, rel=0.01)
    assert slow.relative_low < slow.relative < slow.relative_high
    assert slow.relative_high - slow.relative_low < 0.02
    assert (fast.relative, fast.relative_low, fast.relative_high) == (1, 1, 1)


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    slow, _ = with_relative([result("a", [1, 20, 300]), result("b", [2, 40, 1000])])
    assert slow.relative == 0.5
    assert slow.relative_low is None  # Of three rounds there is no interval.


def test_the_fastest_is_who_is_so_round_by_round():
    """The first has the highest median, since the machine was slow in three of seven rounds."""
    found = with_relative(
        [
            result("first", [100, 100, 100, 100, 50, 50, 50]),
            result("second", [101, 101, 101, 99, 51, 51, 51]),
        ]
    )
    assert found[0].images_per_second > found[1].images_per_second
    assert [one.relative for one in found] == [pytest.approx(100 / 101), 1]


def test_only_what_is_alike_is_compared():
    """Predictions of one batch size; training steps of whatever batch their recipes have."""
    found = with_relative(
        [
            result("a", [4.0], size=1),
            result("a", [8.0], size=64),
            result("b", [2.0], size=64),
            result("a", [3.0], mode="training", size=128),
            result("b", [6.0], mode="training", size=256),
            result("c", [], status="failed", reason="it broke"),
        ]
    )
    assert [one.relative for one in found] == [None, 1, 0.25, 0.5, 1, None]
    assert found[-1].reason == "it broke"
