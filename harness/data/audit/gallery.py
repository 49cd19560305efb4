"""All images of a data set as one row after another: train, valid, test."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.data.arrays import SPLITS, Images, Labels
from harness.data.audit.grids import Matrix, reduced
from harness.data.splits import Split, Splits

Rows = NDArray[np.intp]
BYTES = 1 << 24  # of images at a time; what is reckoned with them takes several times as much


@dataclass(frozen=True)
class Gallery:
    """The images of three splits under one numbering, read only as far as they are asked for."""

    splits: Splits

    @cached_property
    def parts(self) -> tuple[Split, ...]:
        """The splits in the order of their rows."""
        return tuple(getattr(self.splits, name) for name in SPLITS)

    @cached_property
    def starts(self) -> Rows:
        """The first row of each split, and the number of all rows."""
        return np.cumsum([0, *(len(part) for part in self.parts)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def split_of(self) -> NDArray[np.int8]:
        """The number of each row's split: 0 train, 1 valid, 2 test."""
        numbers = np.arange(len(self.parts), dtype=np.int8)
        return np.repeat(numbers, [len(part) for part in self.parts])

    @cached_property
    def labels(self) -> Labels:
        """The label of each row."""
        return np.concatenate([part.labels for part in self.parts])

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image, ``(H, W)`` or ``(H, W, C)``."""
        return self.parts[0].images.shape[1:]

    def take(self, rows: Rows) -> Images:
        """Return the images of these rows, in their order."""
        taken = np.empty((len(rows), *self.shape), np.uint8)
        for number, part in enumerate(self.parts):
            here = np.flatnonzero(self.split_of[rows] == number)
            taken[here] = part.images[rows[here] - self.starts[number]]
        return taken

    def batches(self, rows: Rows) -> Iterator[tuple[Rows, Images]]:
        """Give these rows and their images in parts of `BYTES` at most, or of one image."""
        step = max(1, BYTES // int(np.prod(self.shape)))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            yield part, self.take(part)

    def reduced(self, rows: Rows, side: int) -> Matrix:
        """Return the images of these rows in grey, no side longer than ``side``: ``(n, H, W)``."""
        parts = [reduced(images, side) for _, images in self.batches(rows)]
        height, width = (min(length, side) for length in self.shape[:2])
        return np.concatenate(parts) if parts else np.empty((0, height, width), np.float32)

    def index(self, row: int) -> int:
        """Return a row's place in its own split."""
        return int(row - self.starts[self.split_of[row]])
