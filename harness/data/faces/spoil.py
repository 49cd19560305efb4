"""What a camera and careless handling do to a picture: exposure, blur, noise, eight bits."""

import numpy as np
from numpy.typing import NDArray

from harness.data.faces.dice import Array, Columns, Dice


def flaws(count: int, difficulty: float, dice: Dice) -> Columns:
    """Draw how each picture is spoilt, each an array ``(count,)``."""
    blurred = dice.chance(count, 0.25 + 0.35 * difficulty)
    noise = dice.uniform(count)
    return {
        "contrast": dice.uniform(count, 1.0 - 0.3 * difficulty, 1.25),
        "exposure": dice.bell(count, -0.08 - 0.12 * difficulty, 0.08 + 0.12 * difficulty),
        "blur": blurred * dice.uniform(count, 0.05, 0.12 + 0.2 * difficulty),
        "noise": noise * noise * (0.01 + 0.04 * difficulty) + 0.004,
    }


def spoil(pictures: Array, flaw: Columns, dice: Dice) -> NDArray[np.uint8]:
    """Return ``uint8`` pictures from brightness 0 to 1, both ``(N, 48, 48)``."""
    seen = (pictures - 0.5) * flaw["contrast"]
    seen += 0.5 + flaw["exposure"]
    blurred = np.flatnonzero(flaw["blur"])
    seen[blurred] = _blur(seen[blurred], flaw["blur"][blurred])
    seen += dice.noise(*pictures.shape) * flaw["noise"]
    seen *= 255
    seen += 0.5
    return np.minimum(np.maximum(seen, 0, out=seen), 255, out=seen).astype(np.uint8)


def _blur(pictures: Array, strength: Array) -> Array:
    """Mix each pixel with its neighbours, by rows and by columns; ``strength`` is one side's."""
    for axis in (1, 2):
        for _ in range(2):
            size = pictures.shape[axis]
            before = np.take(pictures, [0, *range(size - 1)], axis=axis)
            after = np.take(pictures, [*range(1, size), size - 1], axis=axis)
            pictures = pictures + strength * (before + after - 2 * pictures)
    return pictures
