"""All images of a data set as one row after another: train, valid, test."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.data.arrays import SPLITS, Images, Labels
from harness.data.splits import Split, Splits

Rows = NDArray[np.intp]


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

    def index(self, row: int) -> int:
        """Return a row's place in its own split."""
        return int(row - self.starts[self.split_of[row]])
