"""A short descriptor of an image that shifts and zooms hardly change, learned from the images.

Images are averaged to 16 × 16 cells, brightness and contrast taken out. Of the directions in which
these cells can vary, those are kept in which images differ most from each other, measured by how
much they differ from shifted and zoomed copies of themselves: Fisher's linear discriminant
(Fisher 1936, Annals of Eugenics 7:179-188) with each image as a class of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.audit.grids import Matrix, averaging, interpolation, on_both, positions, unit

CELLS = 16  # on each axis
COPIES = 4  # disturbed copies of each of them
FEWEST = 512  # with fewer images the cells themselves are the descriptor
ZOOM = 0.1  # of the disturbed copies, up to this fraction in or out


@dataclass(frozen=True)
class Descriptor:
    """Maps cells ``(n, CELLS, CELLS)`` to rows of length 1, whose products are likenesses."""

    weights: Matrix | None

    def of(self, cells: Matrix) -> Matrix:
        """Return ``(n, dimensions)``."""
        features = unit(cells.reshape(len(cells), -1))
        if self.weights is not None:
            features = features @ self.weights
        length = np.linalg.norm(features, axis=1, keepdims=True)
        scaled: Matrix = features / np.maximum(length, 1e-6)
        return scaled


def cells_of(images: Matrix) -> Matrix:
    """Average images ``(n, H, W)`` to ``(n, CELLS, CELLS)``."""
    _, height, width = images.shape
    return on_both(averaging(height, CELLS), images, averaging(width, CELLS))


def learn(images: Matrix, dimensions: int, shift: float, random: np.random.Generator) -> Descriptor:
    """Return the descriptor that tells images apart though they are moved by up to ``shift``.

    ``images`` ``(n, H, W)`` are a sample; ``shift`` is a fraction of their sides.
    """
    from scipy.linalg import eigh  # slow to import

    if len(images) < FEWEST:
        return Descriptor(None)
    still = unit(cells_of(images).reshape(len(images), -1))
    within = np.zeros((CELLS**2, CELLS**2))
    for _ in range(COPIES):
        moved = unit(_disturbed(images, shift, random).reshape(len(images), -1)) - still
        within += (moved.T @ moved) / (COPIES * len(images))
    among = np.cov(still.T)
    # A direction in which copies hardly vary would count for all others.
    ridge = 1e-4 * np.trace(among) / len(among) + 1e-9
    highest = [len(among) - dimensions, len(among) - 1]
    spread, directions = eigh(among, within + ridge * np.eye(len(among)), subset_by_index=highest)
    # All directions alike: the spread of images is 1 in each.
    return Descriptor((directions / np.sqrt(np.maximum(spread, 1e-9))).astype(np.float32))


def _disturbed(images: Matrix, shift: float, random: np.random.Generator) -> Matrix:
    """Return the cells of the images, each zoomed and shifted at random."""
    count, height, width = images.shape
    zoom = random.uniform(1 - ZOOM, 1 + ZOOM, (count,))
    readers = []
    for size in (height, width):
        moves = random.uniform(-shift * size, shift * size, (count,))
        reader: Matrix = averaging(size, CELLS) @ interpolation(positions(size, zoom, moves))
        readers.append(reader)
    return on_both(readers[0], images, readers[1])


def shifted(cells: Matrix, down: float, right: float) -> Matrix:
    """Return the cells as if the images had been moved by these fractions of their sides."""
    one = np.ones(1, np.float32)
    readers = [interpolation(positions(CELLS, one, one * by * CELLS))[0] for by in (down, right)]
    return on_both(readers[0], cells, readers[1])


def mirrored(images: NDArray[np.float32]) -> Matrix:
    """Turn images ``(n, H, W)`` left to right."""
    return np.ascontiguousarray(images[:, :, ::-1])
