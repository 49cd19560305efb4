"""Expressions as patterns of action units, after EMFACS, and how a person performs one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.data.faces import CLASSES
from harness.data.faces.dice import Array, Dice
from harness.data.faces.units import NUMBERS


class Pattern(NamedTuple):
    """A combination of units by which an expression is shown, and how often it is."""

    share: float
    units: dict[int, float]


EXPRESSIONS: dict[str, tuple[Pattern, ...]] = {
    "angry": (
        Pattern(0.30, {4: 1.0, 5: 0.6, 7: 0.8, 23: 0.9}),
        Pattern(0.20, {4: 1.0, 7: 0.9, 24: 0.9}),
        Pattern(0.15, {4: 1.0, 7: 0.8, 17: 0.8, 23: 0.7}),
        Pattern(0.20, {4: 1.0, 5: 0.6, 7: 0.7, 10: 0.8, 25: 0.9, 16: 0.5}),
        Pattern(0.15, {4: 1.0, 5: 0.7, 10: 0.7, 25: 0.8, 26: 0.9}),
    ),
    "disgust": (
        Pattern(0.35, {9: 1.0, 10: 0.6, 17: 0.7}),
        Pattern(0.30, {9: 1.0, 15: 0.8, 16: 0.9}),
        Pattern(0.20, {9: 0.9, 10: 0.8, 25: 0.9}),
        Pattern(0.15, {4: 0.4, 10: 1.0, 15: 0.7, 17: 0.8}),
    ),
    "fear": (
        Pattern(0.30, {1: 0.9, 2: 0.5, 4: 0.7, 5: 0.9, 7: 0.3, 20: 0.9, 25: 0.9}),
        Pattern(0.20, {1: 0.9, 2: 0.5, 4: 0.6, 5: 0.9, 20: 0.8, 26: 0.8}),
        Pattern(0.25, {1: 0.9, 2: 0.7, 4: 0.4, 5: 0.8, 25: 0.9}),
        Pattern(0.25, {1: 0.9, 4: 0.6, 5: 0.5, 20: 0.5}),
    ),
    "happy": (
        Pattern(0.40, {6: 0.8, 12: 0.9, 25: 0.9}),
        Pattern(0.30, {6: 0.7, 12: 0.9}),
        Pattern(0.15, {6: 0.9, 12: 1.0, 25: 0.9, 26: 0.7}),
        Pattern(0.15, {12: 0.8, 25: 0.5}),
    ),
    "sad": (
        Pattern(0.35, {1: 0.8, 4: 0.6, 15: 0.9, 17: 0.5}),
        Pattern(0.30, {1: 0.9, 4: 0.6, 15: 0.9}),
        Pattern(0.20, {1: 0.7, 4: 0.5, 15: 0.7, 43: 0.7}),
        Pattern(0.15, {15: 0.8, 17: 0.8, 43: 0.4}),
    ),
    "surprise": (
        Pattern(0.45, {1: 0.9, 2: 0.9, 5: 0.8, 25: 0.5, 26: 0.9}),
        Pattern(0.30, {1: 1.0, 2: 1.0, 5: 0.9, 25: 0.5, 27: 0.8}),
        Pattern(0.25, {1: 0.9, 2: 0.9, 5: 0.6, 26: 0.6}),
    ),
    "neutral": (
        Pattern(0.70, {}),
        Pattern(0.10, {4: 0.2}),
        Pattern(0.10, {12: 0.2}),
        Pattern(0.10, {17: 0.2, 43: 0.2}),
    ),
}

_PATTERNS = [pattern for name in CLASSES for pattern in EXPRESSIONS[name]]
_INTENSITY = np.array(
    [[pattern.units.get(number, 0.0) for number in NUMBERS] for pattern in _PATTERNS],
    dtype=np.float32,
)
# Where each expression's patterns end when all shares are laid end to end, one unit each.
_ENDS = np.array(
    [
        position + sum(pattern.share for pattern in EXPRESSIONS[name][: index + 1])
        for position, name in enumerate(CLASSES)
        for index in range(len(EXPRESSIONS[name]))
    ]
)
_TALKING = [NUMBERS.index(25), NUMBERS.index(26)]


def perform(expressions: NDArray[np.int64], difficulty: float, dice: Dice) -> Array:
    """Return the intensity ``(N, len(NUMBERS))`` of each unit on faces showing ``expressions``.

    As difficulty grows, expressions are fainter, lack some of their units, and carry traces of
    units that do not belong to them.
    """
    count, units = len(expressions), len(NUMBERS)
    place = expressions + dice.uniform(count) * 0.9999
    pattern = np.searchsorted(_ENDS - 1e-6, place, side="right")
    strength = dice.uniform(count, 0.95 - 0.7 * difficulty, 1.2 - 0.1 * difficulty)
    personal = dice.bell(count * units, 0.6, 1.4).reshape(count, units)
    kept = dice.uniform(count * units).reshape(count, units) >= 0.3 * difficulty
    intensity = _INTENSITY[pattern] * strength[:, None] * personal * kept
    return np.minimum(intensity + _traces(count, difficulty, dice), 1.25)


def _traces(count: int, difficulty: float, dice: Dice) -> Array:
    size = count * len(NUMBERS)
    present = dice.chance(size, 0.16 * difficulty)
    traces = (dice.uniform(size, 0.1, 0.5) * present).reshape(count, -1)
    talking = dice.chance(count, 0.2 * difficulty) * dice.uniform(count, 0.2, 0.9)
    traces[:, _TALKING] += talking[:, None]
    return traces
