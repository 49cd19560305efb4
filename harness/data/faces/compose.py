"""Compose the three splits: who, showing what, drawn, photographed and labelled."""

import numpy as np
from numpy.typing import NDArray

from harness.data.faces import CLASSES, VERSION, occlude, spoil
from harness.data.faces.canvas import SIDE
from harness.data.faces.dice import Columns, Dice, columns
from harness.data.faces.draw import draw
from harness.data.faces.expressions import perform
from harness.data.faces.labels import labels, shown
from harness.data.faces.people import camera, light, people
from harness.data.faces.units import controls
from harness.errors import RequestError

SPLITS = ("train", "valid", "test")
SMALLEST = 10 * len(CLASSES)
# So few pictures at a time stay in the processor's cache.
CHUNK = 128

Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


def compose(size: int, difficulty: float, seed: int) -> dict[str, Split]:
    """Return the splits of ``harness.data.faces.load``: 80, 10 and 10 per cent of ``size``."""
    _check(size, difficulty, seed)
    tenth = size // 10
    sizes = (size - 2 * tenth, tenth, tenth)
    return {
        name: _split(count, difficulty, seed, index)
        for index, (name, count) in enumerate(zip(SPLITS, sizes, strict=True))
    }


def _check(size: int, difficulty: float, seed: int) -> None:
    if not isinstance(size, int) or size < SMALLEST:
        raise RequestError(
            f"size of dataset 'faces' must be a whole number of at least {SMALLEST} "
            f"(one face of each class in every split), not {size!r}"
        )
    if not isinstance(difficulty, int | float) or not 0 <= difficulty <= 1:
        raise RequestError(
            f"difficulty of dataset 'faces' must be a number from 0 to 1, not {difficulty!r}"
        )
    if not isinstance(seed, int) or seed < 0:
        raise RequestError(
            f"seed of dataset 'faces' must be a whole number of at least 0, not {seed!r}"
        )


def _split(size: int, difficulty: float, seed: int, index: int) -> Split:
    """Draw one split; every image has a person of its own, whom no other image shows."""
    dice = [Dice(int(VERSION), seed, index, topic) for topic in range(7)]
    label = labels(size, dice[0])
    expression = shown(label, difficulty, dice[1])
    face = (
        people(size, dice[2]) | camera(size, difficulty, dice[3]) | light(size, difficulty, dice[3])
    )
    face |= controls(perform(expression, difficulty, dice[4]))
    face |= occlude.belongings(size, difficulty, dice[5])
    flaw = spoil.flaws(size, difficulty, dice[5])
    face, flaw = columns(face), columns(flaw)
    images = np.empty((size, SIDE, SIDE), dtype=np.uint8)
    for start in range(0, size, CHUNK):
        part = slice(start, start + CHUNK)
        images[part] = spoil.spoil(draw(_part(face, part)), _part(flaw, part), dice[6])
    return images, label


def _part(values: Columns, part: slice) -> Columns:
    return {name: value[part] for name, value in values.items()}
