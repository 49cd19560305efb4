import io

import numpy as np
import pytest
from PIL import Image

from harness.data.images import Decoder, stack
from harness.errors import DataError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 4), dtype=np.uint8)
COLOUR = RANDOM.integers(0, 256, (5, 4, 3), dtype=np.uint8)


def encoded(image, form="PNG", **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def decode(image, form="PNG", **options):
    return Decoder(**options).decode("x.png", encoded(image, form))


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_images_keep_every_value(form):
    assert np.array_equal(decode(GREY, form), GREY)
    assert np.array_equal(decode(COLOUR, form), COLOUR)


def test_colours_that_are_all_grey_are_one_channel():
    assert np.array_equal(decode(np.dstack([GREY] * 3)), GREY)
    almost = np.dstack([GREY] * 3)
    almost[2, 2, 1] ^= 1
    assert np.array_equal(decode(almost), almost)


def test_a_grey_jpeg_stored_in_colour_is_one_channel():
    smooth = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (16, 1))
    content = encoded(np.dstack([smooth] * 3), "JPEG", quality=95)
    found = Decoder().decode("x.jpg", content)
    assert found.shape == (16, 16)
    assert np.abs(found.astype(int) - smooth).max() <= 3


def test_channels_are_as_asked():
    assert np.array_equal(decode(COLOUR, channels="rgb"), COLOUR)
    assert np.array_equal(decode(GREY, channels="rgb"), np.dstack([GREY] * 3))
    weights = COLOUR @ np.array([0.299, 0.587, 0.114])  # ITU-R 601-2, as Pillow says
    assert np.abs(decode(COLOUR, channels="grey") - weights).max() <= 1


@pytest.mark.parametrize("mode", ["1", "LA", "P", "RGBA", "CMYK", "PA"])
def test_other_modes_become_grey_or_colour(mode):
    picture = Image.fromarray(COLOUR).convert("RGB").convert("P" if mode == "PA" else mode)
    form = "TIFF" if mode == "CMYK" else "PNG"
    options = {"transparency": bytes([0, 255])} if mode == "PA" else {}
    found = Decoder().decode("x", encoded(picture, form, **options))
    shape = (5, 4) if mode in ("1", "LA") else (5, 4, 3)
    assert (found.shape, found.dtype) == (shape, np.uint8)


def test_images_are_resized_to_height_and_width():
    found = decode(COLOUR, size=(6, 9))
    expected = Image.fromarray(COLOUR).resize((9, 6), Image.Resampling.BICUBIC)
    assert np.array_equal(found, np.asarray(expected))


def test_images_of_two_sizes_are_refused_unless_resized():
    decoder = Decoder()
    decoder.decode("a.png", encoded(GREY))
    with pytest.raises(DataError) as caught:
        decoder.decode("b.png", encoded(GREY[:3]))
    assert str(caught.value) == (
        "b.png is 3 × 4 pixels (height × width), expected 5 × 4 like a.png; give --size 5x4 or "
        "another to resize all"
    )
    both = Decoder(size=(2, 2))
    assert both.decode("a.png", encoded(GREY)).shape == both.decode("b", encoded(GREY[:3])).shape


@pytest.mark.parametrize("cut", [0, 10, 40, -100])
def test_a_damaged_image_is_named(cut):
    content = encoded(np.tile(GREY, (20, 20)))[:cut]
    with pytest.raises(DataError) as caught:
        Decoder().decode("set/a/1.png", content)
    message = str(caught.value)
    assert message.startswith("set/a/1.png cannot be decoded as an image (")
    assert message.endswith("replace or remove it")
    assert "\n" not in message


def test_deep_images_are_refused():
    with pytest.raises(DataError, match=r"more than eight bits a pixel .Pillow's mode I;16"):
        decode(Image.fromarray(GREY.astype(np.uint16)))


def test_a_stack_has_colours_if_any_has():
    assert stack([GREY, GREY]).shape == (2, 5, 4)
    mixed = stack([GREY, COLOUR])
    assert np.array_equal(mixed[0], np.dstack([GREY] * 3))
    assert np.array_equal(mixed[1], COLOUR)
