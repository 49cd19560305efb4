"""Encoded images become arrays of one size and kind."""

import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError, features

from harness.data.arrays import Images
from harness.errors import DataError

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".pgm", ".ppm", ".pnm", ".pbm", ".tga"),
    # Not every Pillow was built with these.
    *((".avif",) if "avif" in features.get_supported() else ()),
    *((".jp2",) if "jpg_2000" in features.get_supported() else ()),
)
MODES = {"grey": "L", "rgb": "RGB"}
GREY = ("1", "L", "LA")
DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
PNG = b"\x89PNG\r\n\x1a\n"
# How to lay out pixels as they are meant to be seen, by EXIF's number of how they are stored.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises for damaged files, beside what it means to raise.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)


@dataclass
class Decoder:
    """Decodes images one by one; the first sets the size where the user has not.

    ``size`` is (height, width), to which all are resized; ``channels`` is "grey", "rgb" or None,
    which leaves it to the images: grey only if all of them are. Images are turned as their EXIF
    data says, and what is transparent shows white.
    """

    size: tuple[int, int] | None = None
    channels: str | None = None
    _first: tuple[str, tuple[int, ...]] | None = None

    def decode(self, name: str, content: bytes) -> Images:
        """Return ``(H, W)`` or ``(H, W, 3)``; ``name`` begins the message of a `DataError`."""
        try:
            with Image.open(io.BytesIO(content)) as image:
                _refuse_deep(name, content, image)
                _refuse_several(name, image)
                picture = self._converted(image)
        except DAMAGE as error:
            found = " ".join(str(error).split())
            if not content or isinstance(error, UnidentifiedImageError):
                found = "of no form that is known" if content else "empty"
            raise DataError(
                f"{name} cannot be decoded as an image ({found}); it may be cut off or damaged: "
                "replace or remove it"
            ) from error
        pixels = np.asarray(picture)
        self._check_size(name, pixels.shape)
        if self.channels is None and pixels.ndim == 3 and _is_grey(pixels):
            return np.ascontiguousarray(pixels[:, :, 0])
        return pixels

    def _converted(self, image: Image.Image) -> Image.Image:
        own = "L" if image.mode in GREY else "RGB"
        opaque = _on_white(_upright(image))
        converted = opaque.convert(MODES[self.channels] if self.channels else own)
        if self.size is None:
            return converted
        return converted.resize(self.size[::-1], Image.Resampling.BICUBIC)

    def _check_size(self, name: str, shape: tuple[int, ...]) -> None:
        if self._first is None:
            self._first = (name, shape[:2])
        first, expected = self._first
        if shape[:2] != expected:
            raise DataError(
                f"{name} is {shape[0]} × {shape[1]} pixels (height × width), expected "
                f"{expected[0]} × {expected[1]} like {first}; give --size "
                f"{expected[0]}x{expected[1]} or another to resize all"
            )


def stack(pictures: Sequence[Images]) -> Images:
    """Return ``(N, H, W)``, or ``(N, H, W, 3)`` where any picture has colours."""
    if not any(picture.ndim == 3 for picture in pictures):
        return np.stack(pictures)
    stacked = np.empty((len(pictures), *pictures[0].shape[:2], 3), np.uint8)
    for row, picture in zip(stacked, pictures, strict=True):
        row[...] = picture if picture.ndim == 3 else picture[:, :, None]
    return stacked


def _refuse_deep(name: str, content: bytes, image: Image.Image) -> None:
    """Raise `DataError` for more than eight bits; of colours Pillow would keep the upper eight."""
    bits = 8
    if content.startswith(PNG):
        bits = content[len(PNG) + 16]  # in the header, which Pillow has read
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = max(image.tag_v2.get(ExifTags.Base.BitsPerSample, (1,)))
    elif image.format == "PPM":
        bits = _bits_of_pnm(content)
    if bits > 8 or image.mode in DEEP:
        found = f"{bits} bits" if bits > 8 else f"Pillow's mode {image.mode}"
        raise DataError(
            f"{name} has more than eight bits a channel ({found}), expected values 0–255; convert "
            "it"
        )


def _bits_of_pnm(content: bytes) -> int:
    """Return the bits that a PGM's or PPM's largest value takes; a PBM has none."""
    # Magic number, width, height, largest value; a comment goes to the end of its line.
    words = re.sub(rb"#[^\n]*", b"", content[:4096]).split(maxsplit=4)
    largest = words[3] if len(words) > 3 and words[0] in (b"P2", b"P3", b"P5", b"P6") else b"1"
    return int(largest).bit_length()


def _refuse_several(name: str, image: Image.Image) -> None:
    """Raise `DataError` for a film or a file of pages: all but its first would be lost.

    What a phone adds to a photograph (MPO) is the same once more.
    """
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise DataError(
            f"{name} holds {frames} images (frames or pages), expected one; save each as a file of "
            "its own"
        )


def _upright(image: Image.Image) -> Image.Image:
    """Return the image as it is meant to be seen."""
    image.load()
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # What is damaged beside a picture that is whole may raise anything.
        return image
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image without transparency."""
    if not image.has_transparency_data:
        return image
    picture = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)


def _is_grey(pixels: Images) -> bool:
    red = pixels[:, :, 0]
    return np.array_equal(red, pixels[:, :, 1]) and np.array_equal(red, pixels[:, :, 2])
