"""Random numbers that are the same on every machine: raw PCG64 bits and exact arithmetic.

NumPy keeps the raw stream of a bit generator stable, but not what its distributions make of it.
The distributions here use only operations that IEEE 754 rounds alike everywhere.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""Numbers in ``float32``; Any, since NumPy's stubs make ``float64`` of an array times a float."""
Columns: TypeAlias = dict[str, Array]
"""Named numbers, one an image: arrays ``(N, 1, 1)``, which broadcast over pixels."""

_BYTES = np.uint64(0x00FF00FF00FF00FF)


class Dice:
    """A stream of random numbers, named by whole numbers."""

    def __init__(self, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def raw(self, count: int) -> NDArray[np.uint64]:
        """Return ``count`` random 64-bit words."""
        return np.asarray(self._bits.random_raw(count), dtype="<u8")

    def uniform(self, count: int, low: float = 0.0, high: float = 1.0) -> Array:
        """Return ``(count,)`` numbers, each equally likely in ``[low, high)``."""
        unit = (self.raw(count) >> np.uint64(40)).astype(np.float32) * 2.0**-24
        return low + (high - low) * unit

    def bell(self, count: int, low: float, high: float) -> Array:
        """Return ``(count,)`` numbers within ``[low, high)``, most of them near the middle."""
        unit = (self.uniform(count) + self.uniform(count)) * 0.5
        return low + (high - low) * unit

    def chance(self, count: int, probability: float | Array) -> NDArray[np.bool_]:
        """Return ``(count,)`` answers, each true with its ``probability``."""
        return np.asarray(self.uniform(count) < probability)

    def order(self, count: int) -> NDArray[np.intp]:
        """Return a random order of ``range(count)``."""
        return np.argsort(self.raw(count), kind="stable")

    def noise(self, *shape: int) -> Array:
        """Return nearly normal noise of mean 0 and deviation 1; the last axis a multiple of 4."""
        words = self.raw(int(np.prod(shape)) // 2)
        # Four lanes of 16 bits a word, each the sum of four random bytes.
        lanes = (words & _BYTES) + ((words >> np.uint64(8)) & _BYTES)
        total = (lanes[::2] + lanes[1::2]).view("<u2").astype(np.float32)
        noise: Array = (total - 510.0) * (1 / 147.8)
        return noise.reshape(shape)


def columns(values: Columns) -> Columns:
    """Shape each ``(N,)`` to ``(N, 1, 1)``."""
    return {name: value.reshape(-1, 1, 1) for name, value in values.items()}
