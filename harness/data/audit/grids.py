"""Small matrices that reduce, move, zoom and blur one axis of images."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating]  # float32, mostly; or a stack of them, one for each image


SIDE = 48  # images are compared at this size at most


def on_both(rows: Matrix, images: Matrix, columns: Matrix) -> Matrix:
    """Apply a matrix to the rows and one to the columns of images ``(n, H, W)``."""
    result: Matrix = rows @ images @ np.swapaxes(columns, -1, -2)
    return result


def averaging(size: int, cells: int) -> Matrix:
    """Return ``(cells, size)``: the means over equal parts of an axis, pixels cut where need be."""
    edges = np.linspace(0, size, cells + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = np.clip(overlap, 0, None)
    matrix: Matrix = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return matrix


def positions(size: int, zoom: Matrix, shift: Matrix) -> Matrix:
    """Return ``(n, size)``: where the pixels of an axis come from, zoomed about its centre.

    ``zoom`` and ``shift`` (in pixels) are ``(n,)``; a zoom above 1 takes from farther out.
    """
    centre = (size - 1) / 2
    line = np.arange(size, dtype=np.float32) - centre
    places: Matrix = (line * zoom[:, None] + centre + shift[:, None]).astype(np.float32)
    return places


def interpolation(places: Matrix) -> Matrix:
    """Return ``(…, size, size)``, which reads an axis at ``places`` ``(…, size)``, linearly.

    Places outside are taken to the edge.
    """
    size = places.shape[-1]
    inside = np.clip(places, 0, size - 1).astype(np.float32)
    distance = np.abs(inside[..., None] - np.arange(size, dtype=np.float32))
    weights: Matrix = np.maximum(np.float32(0), 1 - distance)
    return weights


def blurring(size: int, sigma: float) -> Matrix:
    """Return ``(size, size)``: a Gaussian blur, normalised at the edges; ``sigma`` in pixels."""
    pixels = np.arange(size)
    weights = np.exp(-0.5 * ((pixels[:, None] - pixels) / sigma) ** 2)
    matrix: Matrix = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return matrix


def grey(images: NDArray[np.uint8]) -> Matrix:
    """Return the mean over channels, ``(n, H, W)``."""
    exact: Matrix = images.astype(np.float32)
    if exact.ndim == 4:
        exact = exact.mean(axis=3)
    return exact


def reduced(images: NDArray[np.uint8], side: int) -> Matrix:
    """Return images ``(n, H, W)`` or ``(n, H, W, C)`` in grey, no side longer than ``side``."""
    height, width = images.shape[1:3]
    plain = grey(images)
    if max(height, width) <= side:
        return plain
    return on_both(averaging(height, min(height, side)), plain, averaging(width, min(width, side)))


def unit(features: Matrix) -> Matrix:
    """Return rows of mean 0 and length 1: brightness and contrast are gone."""
    centred = features - features.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    scaled: Matrix = centred / np.maximum(length, 1e-6)
    return scaled
