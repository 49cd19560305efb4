"""Soft-edged drawing in small windows that follow the head's pose."""

from typing import Self

import numpy as np

from harness.data.faces.dice import Array, Columns

SIDE = 48
MARGIN = 16
"""Windows may hang over the picture by this much before they are pushed back in."""
_WIDE = SIDE + 2 * MARGIN


def edge(distance: Array) -> Array:
    """Return how much of a pixel is covered, given its signed distance (inside negative)."""
    cover = np.subtract(0.5, distance)
    return np.minimum(np.maximum(cover, 0, out=cover), 1, out=cover)


def blob(u: Array, v: Array, width: float | Array, height: float | Array) -> Array:
    """Return a smooth hill, 1 in the middle and 0 from the ellipse ``width`` × ``height`` on."""
    across, down = u / width, v / height
    hill = 1 - across * across - down * down
    hill = np.maximum(hill, 0, out=hill)
    hill *= hill
    return hill


class Canvas:
    """Pictures ``(N, 48, 48)`` with a margin, on which features are drawn by their place."""

    def __init__(self, pictures: Array, face: Columns) -> None:
        self.face = face
        self._wide = np.pad(pictures, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))

    @property
    def pictures(self) -> Array:
        """The pictures without the margin."""
        return self._wide[:, MARGIN:-MARGIN, MARGIN:-MARGIN]

    def window(self, x: Array, y: Array, half_width: int, half_height: int) -> "Window":
        """Open a window around the point (``x``, ``y``) of the face, for all pictures at once."""
        pose = self.face
        depth = 15 * np.sqrt(np.maximum(1 - (x / 17.5) ** 2 - (y / 25) ** 2, 0.1))
        across = x * pose["yaw_cos"] + depth * pose["yaw_sin"]
        down = y * pose["pitch_cos"] + depth * pose["pitch_sin"]
        column, row = to_picture(across, down, pose)
        # A turned surface looks shorter, the more so the further it slopes away.
        width = pose["yaw_cos"] - pose["yaw_sin"] * x / np.maximum(depth, 6)
        height = pose["pitch_cos"] - pose["pitch_sin"] * y / np.maximum(depth, 6)
        stretch = width.clip(0.35, 1.15) * pose["scale"], height.clip(0.5, 1.15) * pose["scale"]
        return Window(self._wide, (column, row), (half_width, half_height), stretch, pose)


def to_picture(x: Array, y: Array, pose: Columns) -> tuple[Array, Array]:
    """Return column and row of a point seen from the front, after roll and scale."""
    column = pose["roll_cos"] * x - pose["roll_sin"] * y
    row = pose["roll_sin"] * x + pose["roll_cos"] * y
    return pose["centre_x"] + pose["scale"] * column, pose["centre_y"] + pose["scale"] * row


class Window:
    """A small part of every picture, with coordinates ``u`` (right) and ``v`` (down) on the face.

    Use as a context: what is drawn is put back into the pictures at its end.
    """

    def __init__(
        self,
        wide: Array,
        centre: tuple[Array, Array],
        half: tuple[int, int],
        stretch: tuple[Array, Array],
        pose: Columns,
    ) -> None:
        column, x = _cells(centre[0], half[0])
        row, y = _cells(centre[1], half[1])
        x, y = x.reshape(len(x), 1, -1), y.reshape(len(y), -1, 1)
        self.u: Array = (x * pose["roll_cos"] + y * pose["roll_sin"]) / stretch[0]
        self.v: Array = (y * pose["roll_cos"] - x * pose["roll_sin"]) / stretch[1]
        first = np.arange(len(wide)).reshape(-1, 1, 1) * _WIDE * _WIDE
        self._index = first + row.reshape(len(row), -1, 1) * _WIDE + column.reshape(len(row), 1, -1)
        self._flat = wide.reshape(-1)
        self.pixels: Array = self._flat[self._index]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flat[self._index] = self.pixels

    def paint(self, cover: Array, tone: float | Array) -> None:
        """Lay the brightness ``tone`` over the pixels, as opaque as ``cover`` says."""
        self.pixels += cover * (tone - self.pixels)

    def shade(self, cover: Array, strength: float | Array) -> None:
        """Darken the pixels by the fraction ``strength`` of ``cover``; negative brightens."""
        self.pixels *= 1 - cover * strength


def _cells(centre: Array, half: int) -> tuple[Array, Array]:
    """Return cells ``(N, 2 half)`` of the picture with its margin, and how far from ``centre``."""
    offsets = np.arange(-half, half)
    first = np.floor(centre.reshape(-1, 1)).astype(np.int64) + 1
    first = np.clip(first, half - MARGIN, SIDE + MARGIN - half)
    cells = first + offsets
    return cells + MARGIN, (cells - centre.reshape(-1, 1)).astype(np.float32)
