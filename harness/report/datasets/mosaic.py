"""Examples of every class beside its mean image, as one picture of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from harness.data.splits import Split

Pixels = npt.NDArray[np.uint8]
CELL = 96  # the longer side of an image in the mosaic, about
EMPTY = 244  # the grey of a cell without an image


@dataclass(frozen=True)
class Mosaic:
    """``pixels`` are ``(height, width, 3)``; a row of cells a class, the mean image first."""

    pixels: Pixels
    cell_height: int
    cell_width: int
    gap: int

    @property
    def row_height(self) -> int:
        """How far rows are apart."""
        return self.cell_height + self.gap

    @property
    def examples_left(self) -> int:
        """Where the examples begin: they stand apart from the mean."""
        return self.cell_width + 3 * self.gap


def make_mosaic(split: Split, labels: range, examples: int) -> Mosaic:
    """Draw the classes ``labels``: the mean image and ``examples`` evenly spaced ones of each."""
    height, width = _cell_size(split)
    gap = max(2, min(height, width) // 12)
    rows, columns = len(labels) * (height + gap), (examples + 1) * (width + gap) + 2 * gap
    canvas = np.full((rows - gap, columns - gap, 3), 255, np.uint8)
    mosaic = Mosaic(canvas, height, width, gap)
    for row, label in enumerate(labels):
        top = row * mosaic.row_height
        of_class = np.flatnonzero(split.labels == label)
        chosen = spaced(len(of_class), examples)
        pictures = [split.images[of_class[index]] for index in chosen]
        means = [_mean(split, of_class)] if len(of_class) else []
        _put(mosaic, top, 0, means, 1)
        _put(mosaic, top, mosaic.examples_left, pictures, examples)
    return mosaic


def spaced(count: int, wanted: int) -> list[int]:
    """Return at most ``wanted`` of ``count`` places, evenly spaced from the first."""
    return (
        [index * count // wanted for index in range(wanted)] if count > wanted else [*range(count)]
    )


def _mean(split: Split, rows: npt.NDArray[np.intp]) -> Pixels:
    total = np.zeros(split.images.shape[1:], np.int64)
    for start in range(0, len(rows), 1024):
        total += split.images[rows[start : start + 1024]].sum(axis=0, dtype=np.int64)
    return np.asarray((total / len(rows)).round(), np.uint8)


def _cell_size(split: Split) -> tuple[int, int]:
    """Return a whole multiple of small images, and large ones made smaller."""
    height, width = split.images.shape[1:3]
    longer = max(height, width)
    factor: float = CELL // longer if longer <= CELL else CELL / longer
    return max(1, round(height * factor)), max(1, round(width * factor))


def _put(mosaic: Mosaic, top: int, left: int, pictures: list[Pixels], cells: int) -> None:
    for cell in range(cells):
        at = left + cell * (mosaic.cell_width + mosaic.gap)
        place = mosaic.pixels[top : top + mosaic.cell_height, at : at + mosaic.cell_width]
        size = mosaic.cell_height, mosaic.cell_width
        place[...] = fitted(pictures[cell], *size) if cell < len(pictures) else EMPTY


def fitted(picture: Pixels, height: int, width: int) -> Pixels:
    """Return the picture in RGB and of this size; further channels are left out."""
    channels = picture.shape[2] if picture.ndim == 3 else 1
    plain = picture.reshape(*picture.shape[:2], channels)
    colours = np.ascontiguousarray(plain[:, :, :3] if channels >= 3 else plain[:, :, [0, 0, 0]])
    larger = height >= len(picture)
    method = Image.Resampling.NEAREST if larger else Image.Resampling.BOX
    return np.asarray(Image.fromarray(colours).resize((width, height), method))
