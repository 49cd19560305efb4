"""A test image in a page, with words to stand below it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Face:
    """A test image as PNG, with words to stand below it."""

    index: int
    text: str
    png: bytes
    width: int
    height: int


def make_face(index: int, pixels: NDArray[Any], text: str) -> Face:
    """Return the image of ``pixels``, uint8 ``(H, W)`` or ``(H, W, C)``."""
    # Two channels or four are no photograph that a browser knows: the first is shown.
    flat = pixels if pixels.ndim == 2 or pixels.shape[2] == 3 else pixels[..., 0]
    Image.fromarray(np.ascontiguousarray(flat)).save(buffer := io.BytesIO(), "PNG")
    height, width = flat.shape[:2]
    return Face(index, f"{index}: {text}", buffer.getvalue(), width, height)
