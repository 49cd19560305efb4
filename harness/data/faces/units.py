"""Facial action units (FACS): their names, and what each moves at full intensity.

Names and numbers follow Ekman, Friesen and Hager, Facial Action Coding System (2002). Lengths are
pixels of a face 48 pixels high, downwards and outwards positive; the other controls are strengths
of a wrinkle or fold, from 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.data.faces.dice import Array, Columns


@dataclass(frozen=True)
class Unit:
    """One action unit: its name in the FACS, and how far it moves each control."""

    name: str
    moves: Mapping[str, float]


UNITS: dict[int, Unit] = {
    1: Unit("inner brow raiser", {"brow_inner": -4.2, "forehead_centre": 0.9}),
    2: Unit("outer brow raiser", {"brow_outer": -3.6, "brow_inner": -0.6, "forehead_side": 0.9}),
    4: Unit(
        "brow lowerer",
        {"brow_inner": 2.5, "brow_outer": 0.5, "brow_pinch": 1.7, "furrow": 1.0, "lid_upper": -0.2},
    ),
    5: Unit("upper lid raiser", {"lid_upper": 1.5}),
    6: Unit("cheek raiser", {"lid_lower": -0.8, "lid_upper": -0.3, "cheek": 1.0, "crow": 1.0}),
    7: Unit("lid tightener", {"lid_lower": -0.8, "lid_upper": -0.6, "bag": 0.6}),
    9: Unit(
        "nose wrinkler",
        {
            "nose_wrinkle": 1.0,
            "nose_up": -1.3,
            "nose_flare": 0.9,
            "brow_inner": 1.6,
            "brow_outer": 0.6,
            "brow_pinch": 0.6,
            "lid_lower": -0.7,
            "lid_upper": -0.6,
            "lip_upper": -1.3,
            "nasolabial": 0.9,
            "bag": 0.6,
        },
    ),
    10: Unit(
        "upper lip raiser",
        {"lip_upper": -1.9, "nasolabial": 0.9, "nose_up": -0.5, "nose_flare": 0.6, "teeth": 0.9},
    ),
    12: Unit(
        "lip corner puller",
        {"corner_out": 2.6, "corner": -3.2, "nasolabial": 0.8, "cheek": 0.5, "teeth": 1.0},
    ),
    15: Unit("lip corner depressor", {"corner": 2.6, "corner_out": -0.2, "corner_fold": 0.9}),
    16: Unit("lower lip depressor", {"lip_lower": 1.6, "teeth_lower": 0.8, "part": 0.6}),
    17: Unit("chin raiser", {"chin_boss": 1.0, "lip_centre": -1.3, "corner": 0.5}),
    20: Unit(
        "lip stretcher", {"corner_out": 2.7, "corner": 0.9, "lip_thin": 0.25, "teeth_lower": 0.5}
    ),
    23: Unit("lip tightener", {"lip_thin": 0.6, "corner_out": -0.9, "corner_fold": 0.4}),
    24: Unit("lip pressor", {"lip_thin": 0.85, "corner_out": -0.4, "press": 0.8}),
    25: Unit("lips part", {"part": 1.7, "teeth": 0.35}),
    26: Unit("jaw drop", {"jaw": 4.2, "part": 0.9, "corner_out": -1.2}),
    27: Unit("mouth stretch", {"jaw": 7.5, "part": 1.2, "corner_out": -2.2, "teeth": -0.3}),
    43: Unit("eye closure", {"lid_upper": -1.9, "gaze_down": 0.8}),
}
NUMBERS = tuple(UNITS)
CONTROLS = tuple(dict.fromkeys(control for unit in UNITS.values() for control in unit.moves))


def controls(intensities: Array) -> Columns:
    """Return each control ``(N,)`` moved by units of the ``intensities`` ``(N, len(NUMBERS))``."""
    moved = {name: np.zeros(len(intensities), dtype=np.float32) for name in CONTROLS}
    for intensity, unit in zip(intensities.T, UNITS.values(), strict=True):
        for name, distance in unit.moves.items():
            moved[name] += distance * intensity
    return moved
