import math

import pytest

from harness.report.pictures.frame import per_cent
from harness.report.pictures.scales import (
    linear,
    logarithmic,
    logarithmic_ticks,
    round_ticks,
    whole_ticks,
)


def test_a_linear_scale_holds_its_values_with_room():
    scale = linear([0.5, 0.7], 300, 0)
    assert 0 < scale(0.7) < scale(0.5) < 300
    assert all(0 <= scale(tick) <= 300 for tick in scale.ticks)


def test_a_single_value_gets_the_least_width():
    scale = linear([0.5], 0, 100, least=0.04)
    assert (scale.low, scale.high) == pytest.approx((0.48, 0.52))
    assert scale(0.5) == pytest.approx(50)


def test_bounds_are_kept():
    scale = linear([0.0, 1.0], 0, 100, bounds=(0, 1))
    assert (scale.low, scale.high) == (0, 1)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0.612, 0.69, (0.62, 0.64, 0.66, 0.68)),
        (1.85, 1.99, (1.85, 1.875, 1.9, 1.925, 1.95, 1.975)),
        (0, 30, (0, 5, 10, 15, 20, 25, 30)),
    ],
)
def test_ticks_are_round(low, high, ticks):
    assert round_ticks(low, high, 6) == pytest.approx(ticks)


@pytest.mark.parametrize("last", [1, 2, 3, 9, 10, 20, 60, 200, 1000])
def test_epochs_have_whole_ticks_from_the_first_on(last):
    ticks = whole_ticks(1, last, 8)
    assert ticks[0] == 1
    assert all(tick == int(tick) and tick <= last for tick in ticks)
    assert len(ticks) <= 9
    assert list(ticks) == sorted(set(ticks))


@pytest.mark.parametrize(
    "values", [[1000], [900, 1100], [3, 50_000], [0.02, 3e6], [210.25, 6307.5]]
)
def test_a_logarithmic_scale_has_a_few_ticks_within(values):
    scale = logarithmic(values, 0, 500)
    assert 2 <= len(scale.ticks) <= 8
    assert all(-1e-6 <= scale(tick) <= 500 + 1e-6 for tick in scale.ticks)
    assert scale(math.sqrt(scale.low * scale.high)) == pytest.approx(250)


@pytest.mark.parametrize(
    ("low", "high"), [(990, 1180), (9, 17), (12, 29), (90, 171), (1, 9), (3, 4e7), (0.002, 0.03)]
)
def test_a_logarithmic_axis_has_several_round_ticks_within(low, high):
    ticks = logarithmic_ticks(low, high)
    assert 3 <= len(ticks) <= 10
    assert all(low <= tick <= high for tick in ticks)


def test_close_ticks_of_fractions_have_labels_that_differ():
    """A step of a quarter of a point was written 70.2, 70.5, 70.8."""
    ticks = round_ticks(0.7025, 0.7175, 6)
    labels = [per_cent(tick) for tick in ticks]
    assert labels == ["70.25 %", "70.5 %", "70.75 %", "71 %", "71.25 %", "71.5 %", "71.75 %"]
    assert per_cent(1) == "100 %"
