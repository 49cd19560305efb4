"""Nine ways in which images get worse, each in five strengths.

After ImageNet-C (Hendrycks and Dietterich, ICLR 2019, arXiv:1903.12261), adapted to small grey
images: lengths are shares of the image's shorter side. `docs/robustness.md` tells where each
strength is from. A change of a single pixel raises `CORRUPTIONS_VERSION`.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from harness.errors import unknown

Pixels = NDArray[np.uint8]
Values = NDArray[np.floating[Any]]
Corrupt = Callable[[Pixels, float, np.random.Generator], Pixels]

STRENGTHS = (1, 2, 3, 4, 5)
# So many images are corrupted at a time: what lies in between is float, and four times as large.
BLOCK = 256
# The directions of motion blur, evenly spaced over half a turn: each has a kernel of its own.
DIRECTIONS = 12


@dataclass(frozen=True)
class Corruption:
    """A corruption; ``values`` are those of ``parameter``, in ``unit``, one for each strength."""

    name: str
    parameter: str
    unit: str
    values: tuple[float, float, float, float, float]
    apply: Corrupt


def corrupt(images: Pixels, name: str, strength: int, seed: int = 0) -> Pixels:
    """Return corrupted copies of uint8 images ``(N, H, W)`` or ``(N, H, W, C)``, in their shape.

    ``strength`` goes from 1, the mildest, to 5. What is drawn at random depends on ``seed``, the
    corruption and an image's place among the images, not on the strength: a stronger noise is the
    same noise, only louder. Raises `ValueError` for an unknown name or strength.
    """
    if name not in CORRUPTIONS:
        raise ValueError(unknown("corruption", name, CORRUPTIONS))
    if strength not in STRENGTHS:
        raise ValueError(f"a strength is 1, 2, 3, 4 or 5, not {strength!r}")
    corruption = CORRUPTIONS[name]
    value = corruption.values[strength - 1]
    result = np.empty_like(images)
    for start in range(0, len(images), BLOCK):
        random = np.random.default_rng([seed, start // BLOCK, *name.encode()])
        planes = _planes(images[start : start + BLOCK])
        result[start : start + BLOCK] = _like(corruption.apply(planes, value, random), images)
    return result


def _planes(images: Pixels) -> Pixels:
    """Return images as ``(n, C, H, W)``: what corrupts planes need not know of channels."""
    return images[:, np.newaxis] if images.ndim == 3 else np.moveaxis(images, 3, 1)


def _like(planes: Pixels, images: Pixels) -> Pixels:
    return planes[:, 0] if images.ndim == 3 else np.moveaxis(planes, 1, 3)


def _rounded(values: Values) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _side(images: Pixels, share: float) -> float:
    """Return a length in pixels: so many per cent of the shorter side."""
    return float(share / 100 * min(images.shape[2:]))


def _noise(images: Pixels, deviation: float, random: np.random.Generator) -> Pixels:
    noise = random.standard_normal(images.shape, np.float32)
    return _rounded(images + noise * np.float32(deviation / 100 * 255))


def _blur(images: Pixels, sigma: float, _: np.random.Generator) -> Pixels:
    deviations = (0, 0, *2 * [_side(images, sigma)])
    return _rounded(ndimage.gaussian_filter(images.astype(np.float32), deviations, mode="nearest"))


def _motion(images: Pixels, length: float, random: np.random.Generator) -> Pixels:
    drawn = random.integers(DIRECTIONS, size=len(images))
    blurred = np.empty(images.shape, np.float32)
    for direction in range(DIRECTIONS):
        kernel = line(_side(images, length), math.pi * direction / DIRECTIONS)
        moved = images[drawn == direction].astype(np.float32)
        blurred[drawn == direction] = ndimage.convolve(
            moved, kernel[np.newaxis, np.newaxis], mode="nearest"
        )
    return _rounded(blurred)


def line(length: float, angle: float) -> NDArray[np.float32]:
    """Return a square kernel, summing to 1: a line of so many pixels through its centre.

    ``angle`` is in radians, anticlockwise from the right.
    """
    half = math.ceil(length / 2) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    # Some ten points a pixel, each shared among the four pixels around it.
    many = 10 * math.ceil(length)
    along = length * ((np.arange(many) + 0.5) / many - 0.5)
    rows, columns = half - along * math.sin(angle), half + along * math.cos(angle)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - top, columns - left
    for row, across in ((0, 1 - down), (1, down)):
        for column, weight in ((0, across * (1 - right)), (1, across * right)):
            np.add.at(kernel, (top + row, left + column), weight)
    # A weight that is nothing but rounding would cost a pass over the images.
    kernel[kernel < 1e-6] = 0
    kernel /= kernel.sum()
    return kernel.astype(np.float32)


def _brightness(images: Pixels, added: float, _: np.random.Generator) -> Pixels:
    return _rounded(images + np.float32(added / 100 * 255))


def _contrast(images: Pixels, kept: float, _: np.random.Generator) -> Pixels:
    means: Values = images.mean(axis=(2, 3), keepdims=True, dtype=np.float32)
    return _rounded(means + (images - means) * np.float32(kept / 100))


def _occlusion(images: Pixels, share: float, random: np.random.Generator) -> Pixels:
    """Cover a square by mid-grey: black would darken the image as well."""
    side = max(1, round(_side(images, share)))
    height, width = images.shape[2:]
    places = random.random((len(images), 2))
    top = (places[:, 0] * (height - side + 1)).astype(int).reshape(-1, 1, 1, 1)
    left = (places[:, 1] * (width - side + 1)).astype(int).reshape(-1, 1, 1, 1)
    rows, columns = np.arange(height).reshape(-1, 1), np.arange(width)
    inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
    return np.where(inside, np.uint8(128), images)


def _jpeg(images: Pixels, quality: float, _: np.random.Generator) -> Pixels:
    # Colours are encoded together, as cameras do; of any other number, each channel by itself.
    if images.shape[1] == 3:
        encoded = [_encoded(image, quality) for image in np.moveaxis(images, 1, 3)]
        return np.moveaxis(np.stack(encoded), 3, 1)
    flat = images.reshape(-1, *images.shape[2:])
    return np.stack([_encoded(plane, quality) for plane in flat]).reshape(images.shape)


def _encoded(pixels: Pixels, quality: float) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=round(quality))
    return np.asarray(Image.open(buffer))


def _resolution(images: Pixels, kept: float, _: np.random.Generator) -> Pixels:
    """Make images smaller and larger again, as faces far away are enlarged.

    Both ways are bilinear, pillow's smoothing among that: its box filter is uneven where the new
    side does not divide the old one, and mild strengths would change more than strong ones.
    """
    height, width = images.shape[2:]
    small = max(1, round(kept / 100 * width)), max(1, round(kept / 100 * height))
    flat = images.reshape(-1, height, width)
    resized = [
        Image.fromarray(plane)
        .resize(small, Image.Resampling.BILINEAR)
        .resize((width, height), Image.Resampling.BILINEAR)
        for plane in flat
    ]
    return np.stack([np.asarray(image) for image in resized]).reshape(images.shape)


def _rotation(images: Pixels, degrees: float, random: np.random.Generator) -> Pixels:
    """Turn each image about its centre to the side that is drawn."""
    left = random.random(len(images)) < 0.5
    turned = np.empty(images.shape, np.float32)
    for chosen, angle in ((left, degrees), (~left, -degrees)):
        turned[chosen] = ndimage.rotate(
            images[chosen].astype(np.float32),
            angle,
            axes=(3, 2),
            reshape=False,
            order=1,
            mode="nearest",
        )
    return _rounded(turned)


_SIDE = "% of the shorter side"
_RANGE = "% of the range"
_ALL = (
    Corruption("gaussian noise", "standard deviation", _RANGE, (4, 8, 12, 15, 18), _noise),
    Corruption("blur", "standard deviation", _SIDE, (1, 1.5, 2, 3, 4), _blur),
    Corruption("motion blur", "length", _SIDE, (5, 7.5, 10, 15, 20), _motion),
    Corruption("brightness", "added", _RANGE, (10, 20, 30, 40, 50), _brightness),
    Corruption("contrast", "kept", "%", (75, 50, 40, 30, 15), _contrast),
    Corruption("occlusion", "side", _SIDE, (20, 30, 40, 50, 60), _occlusion),
    Corruption("JPEG", "quality", "of 100", (65, 40, 25, 15, 7), _jpeg),
    Corruption("low resolution", "side kept", "%", (75, 60, 50, 40, 25), _resolution),
    Corruption("rotation", "angle", "degrees", (5, 10, 15, 20, 30), _rotation),
)
CORRUPTIONS = {corruption.name: corruption for corruption in _ALL}
