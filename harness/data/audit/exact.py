"""Exact twins: images that are alike in every pixel."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from harness.data.arrays import blank
from harness.data.audit.gallery import Gallery, Rows


def first_alike(gallery: Gallery) -> Rows:
    """Return for each row the first row with the very same pixels, which may be itself.

    Pixels are compared by their BLAKE2 hash of 128 bits.
    """
    first: dict[bytes, int] = {}
    alike = np.empty(len(gallery), np.intp)
    for rows, images in gallery.batches(np.arange(len(gallery))):
        for row, image in zip(rows.tolist(), images, strict=True):
            key = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
            alike[row] = first.setdefault(key, row)
    return alike


def blank_rows(gallery: Gallery) -> NDArray[np.bool_]:
    """Say of each row whether its image has one colour throughout."""
    parts = [blank(images) for _, images in gallery.batches(np.arange(len(gallery)))]
    return np.concatenate([np.empty(0, bool), *parts])
