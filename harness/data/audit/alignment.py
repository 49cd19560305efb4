"""How alike two images are once one has been shifted and zoomed onto the other.

Gauss-Newton steps on the grey values find zoom and shift (the inverse compositional form of Lucas
and Kanade's method: Baker and Matthews 2004, IJCV 56:221-255), with contrast fitted along. The
score is the zero-mean normalised cross-correlation where the images overlap.
"""

from dataclasses import dataclass

import numpy as np

from harness.data.audit.grids import Matrix, averaging, blurring, interpolation, on_both, positions

GRID = 24  # the sides at which images are aligned, at most
STEPS = 5
MOST_ZOOM = 1.2
MOST_SHIFT = 0.12  # of the side
EDGE = 2  # cells at the border that may show what the other image does not have
FINEST = 0.7  # pixels: what lies below is the work of JPEG and interpolation
COARSEST = 5 / 48  # of the side: what lies above is light and shade


@dataclass(frozen=True)
class Pose:
    """How the second images are read to lie on the first: zoom, and shifts as fractions of sides.

    Each is ``(n,)``.
    """

    zoom: Matrix
    down: Matrix
    right: Matrix

    def readers(self, height: int, width: int) -> tuple[Matrix, Matrix]:
        """Return where the rows and the columns of the second images are read."""
        return (
            positions(height, self.zoom, self.down * height),
            positions(width, self.zoom, self.right * width),
        )


def band(images: Matrix) -> Matrix:
    """Keep what two copies of a picture share, ``(n, H, W)``: neither noise nor light and shade."""
    _, height, width = images.shape
    fine = on_both(blurring(height, FINEST), images, blurring(width, FINEST))
    coarse = [blurring(size, max(3.0, COARSEST * size)) for size in (height, width)]
    return fine - on_both(coarse[0], images, coarse[1])


def align(first: Matrix, second: Matrix, start: Pose) -> Pose:
    """Return how ``second`` lies on ``first``; both are ``(n, H, W)``, in pairs."""
    cells = [averaging(size, min(size, GRID)) for size in first.shape[1:]]
    template, image = on_both(cells[0], first, cells[1]), on_both(cells[0], second, cells[1])
    count, height, width = template.shape
    weight = np.zeros((height, width), np.float32)
    weight[EDGE:-EDGE, EDGE:-EDGE] = 1
    inner = weight.ravel()
    steepest = _steepest(template, inner)
    target = _centred(template.reshape(count, -1), inner)
    solve = np.linalg.inv(_regular(steepest @ np.swapaxes(steepest, 1, 2)))
    pose = start
    for _ in range(STEPS):
        places = pose.readers(height, width)
        read = on_both(interpolation(places[0]), image, interpolation(places[1]))
        found = _centred(read.reshape(count, -1), inner)
        contrast = _products(target, found) / np.maximum(_products(found, found), 1e-6)
        error = contrast[:, None] * found - target
        step = np.einsum("nij,nj->ni", solve, np.einsum("nki,ni->nk", steepest, error))
        pose = _composed(pose, step, height, width)
    return pose


def correlation(first: Matrix, second: Matrix, pose: Pose) -> Matrix:
    """Return how alike ``first`` and the aligned ``second`` ``(n, H, W)`` are, -1 to 1."""
    count, height, width = first.shape
    down, right = pose.readers(height, width)
    inside = [
        ((places >= 0) & (places <= size - 1)).astype(np.float32)
        for places, size in ((down, height), (right, width))
    ]
    overlap = (inside[0][:, :, None] * inside[1][:, None, :]).reshape(count, -1)
    read = on_both(interpolation(down), second, interpolation(right)).reshape(count, -1)
    one, other = (_centred(images, overlap) for images in (first.reshape(count, -1), read))
    length = np.sqrt(_products(one, one) * _products(other, other))
    score: Matrix = _products(one, other) / np.maximum(length, 1e-6)
    return score


def _steepest(template: Matrix, inner: Matrix) -> Matrix:
    """Return ``(n, 3, cells)``: how a small zoom, a step down and a step right change it."""
    count, height, width = template.shape
    down, right = np.gradient(template, axis=1), np.gradient(template, axis=2)
    rows, columns = (np.arange(size, dtype=np.float32) - (size - 1) / 2 for size in (height, width))
    zoom = down * rows[:, None] + right * columns
    images = np.stack([zoom, down, right], axis=1).reshape(3 * count, -1)
    return _centred(images, inner).reshape(count, 3, -1)


def _centred(images: Matrix, weight: Matrix) -> Matrix:
    """Take the mean within ``weight`` (0 or 1) out of flat images, and what lies without."""
    mean = (images * weight).sum(axis=1) / np.maximum(weight.sum(axis=-1), 1)
    centred: Matrix = (images - mean[:, None]) * weight
    return centred


def _products(one: Matrix, other: Matrix) -> Matrix:
    product: Matrix = np.einsum("ni,ni->n", one, other)
    return product


def _regular(hessian: Matrix) -> Matrix:
    """Keep a matrix invertible where the image does not tell, of stripes say, where it lies."""
    trace = np.trace(hessian, axis1=1, axis2=2)[:, None, None]
    regular: Matrix = hessian + (1e-4 * trace + 1e-6) * np.eye(3, dtype=np.float32)
    return regular


def _composed(pose: Pose, step: Matrix, height: int, width: int) -> Pose:
    """Take back from the pose what the template would have to move, within limits."""
    return Pose(
        np.clip(pose.zoom * (1 - step[:, 0]), 1 / MOST_ZOOM, MOST_ZOOM),
        np.clip(pose.down - step[:, 1] / height, -MOST_SHIFT, MOST_SHIFT),
        np.clip(pose.right - step[:, 2] / width, -MOST_SHIFT, MOST_SHIFT),
    )
