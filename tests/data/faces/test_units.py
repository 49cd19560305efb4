"""Each action unit moves what it should, and nothing far from it."""

from pathlib import Path

import numpy as np
import pytest

from harness.data.faces.expressions import EXPRESSIONS
from harness.data.faces.units import UNITS

# Rows of the picture of an ordinary face.
BROWS, EYES, NOSE, MOUTH = slice(4, 16), slice(14, 23), slice(14, 34), slice(32, 48)
LIP = slice(26, 48)
REGION = {
    1: BROWS, 2: BROWS, 4: BROWS, 5: EYES, 6: EYES, 7: EYES, 9: NOSE, 10: LIP, 12: MOUTH,
    15: MOUTH, 16: MOUTH, 17: MOUTH, 20: MOUTH, 23: MOUTH, 24: MOUTH, 25: MOUTH, 26: MOUTH,
    27: MOUTH, 43: EYES,
}  # fmt: skip
ALONE = {16: {25: 1.0}}
"""Units that show only together with another one."""


def change(portrait, unit):
    before = ALONE.get(unit, {})
    return np.abs(portrait({**before, unit: 1.0}) - portrait(before))


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_changes_its_own_region_most(portrait, unit):
    changed = change(portrait, unit)
    assert changed.max() > 0.1
    assert changed[REGION[unit]].sum() > 0.5 * changed.sum()


@pytest.mark.parametrize("unit", [12, 15, 17, 20, 23, 24, 25, 26, 27])
def test_a_unit_of_the_mouth_leaves_the_brows_alone(portrait, unit):
    assert change(portrait, unit)[:15].max() < 1e-6


@pytest.mark.parametrize("unit", [1, 2, 4, 5, 7, 43])
def test_a_unit_of_brows_or_eyes_leaves_the_mouth_alone(portrait, unit):
    assert change(portrait, unit)[MOUTH].max() < 1e-6


def test_lip_corners_go_up_with_au12_and_down_with_au15(portrait):
    smile, frown = (dark_row(portrait({unit: 1.0})) for unit in (12, 15))
    assert smile < dark_row(portrait({})) < frown


def dark_row(picture):
    """The row of the mouth's left corner: the darkest one beside the middle."""
    strip = 1 - picture[33:44, 14:19]
    dark = (strip**8).sum(axis=1)
    return (dark * np.arange(len(dark))).sum() / dark.sum()


def test_a_face_without_units_is_alike_on_both_sides(portrait):
    picture = portrait({}, lopsided=0, centre_x=23.5, gaze_x=0, light_x=0, parting=0, back_x=0)
    features = picture[12:44, 12:36]
    # Only the light in the eyes comes from one side.
    assert np.abs(features - features[:, ::-1]).mean() < 0.01


def test_pictures_are_float32_and_within_sight(portrait):
    picture = portrait({12: 1.0, 25: 1.0})
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() < 1.5


def test_patterns_name_known_units_and_their_shares_add_up():
    for patterns in EXPRESSIONS.values():
        assert sum(pattern.share for pattern in patterns) == pytest.approx(1)
        assert all(set(pattern.units) <= set(UNITS) for pattern in patterns)


def test_the_card_lists_every_unit_and_every_pattern():
    card = (Path(__file__).parents[3] / "docs" / "faces.md").read_text()
    for number, unit in UNITS.items():
        assert f"| AU{number} | {unit.name} |" in card
    for name, patterns in EXPRESSIONS.items():
        (row,) = [line for line in card.splitlines() if line.startswith(f"| {name} |")]
        for pattern in patterns:
            units = "+".join(map(str, sorted(pattern.units))) or "none"
            assert f"{units} ({pattern.share:.0%})" in row
