import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

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


@pytest.mark.parametrize(("form", "found"), [("PNG", "16 bits"), ("PPM", "16 bits")])
def test_deep_images_are_refused(form, found):
    with pytest.raises(DataError, match=rf"x.png has more than eight bits a channel .{found}"):
        decode(Image.fromarray(GREY.astype(np.uint16)), form)


def deep_png() -> bytes:
    """Encode 16 bits a colour, which Pillow cannot."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in COLOUR)
    header = struct.pack(">IIBBBBB", 4, 5, 16, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def deep_tiff() -> bytes:
    """Encode 16 bits a colour, which Pillow cannot: tags, the bits of each channel, the pixels."""
    pixels = COLOUR.astype("<u2").tobytes()
    tags = {256: 4, 257: 5, 258: 8 + 2 + 12 * 9 + 4, 259: 1, 262: 2, 277: 3, 278: 5}
    tags |= {273: tags[258] + 6, 279: len(pixels)}
    entries = b"".join(
        struct.pack("<HHII", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, value)
        for tag, value in sorted(tags.items())
    )
    start = b"II*\0" + struct.pack("<IH", 8, len(tags))
    return start + entries + bytes(4) + struct.pack("<3H", 16, 16, 16) + pixels


@pytest.mark.parametrize("content", [deep_png(), deep_tiff()], ids=["png", "tiff"])
def test_deep_colours_are_refused_though_pillow_cuts_them(content):
    assert Image.open(io.BytesIO(content)).mode == "RGB"
    with pytest.raises(DataError, match=r"more than eight bits a channel .16 bits.,"):
        Decoder().decode("x", content)


def test_what_is_transparent_shows_white():
    alpha = np.zeros_like(GREY)
    alpha[0], alpha[1] = 255, 51
    drawing = Image.fromarray(np.zeros_like(GREY))
    drawing.putalpha(Image.fromarray(alpha))
    for picture in (drawing, drawing.convert("RGBA")):
        found = decode(picture)
        assert found[:, 0].tolist() == [0, 204, 255, 255, 255]
    palette = Image.fromarray(GREY % 2).convert("P")
    found = Decoder().decode("x", encoded(palette, transparency=0))
    assert (found[GREY % 2 == 0] == 255).all()


def test_an_alpha_channel_that_hides_nothing_changes_nothing():
    opaque = np.full_like(GREY, 255)
    assert np.array_equal(decode(np.dstack([COLOUR, opaque])), COLOUR)
    grey = Image.fromarray(GREY)
    grey.putalpha(255)
    assert np.array_equal(decode(grey), GREY)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_images_are_turned_as_their_exif_data_says(form, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = encoded(COLOUR, form, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    found = Decoder().decode("x", content)
    assert np.array_equal(found, np.asarray(expected))
    assert np.array_equal(found, COLOUR) == (orientation not in range(2, 9))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"garbage", b"II*\0\x08\0\0\0\xff\xff"])
def test_damaged_exif_data_is_passed_over(exif):
    content = encoded(COLOUR, "JPEG", exif=b"Exif\0\0" + exif)
    assert Decoder().decode("x", content).shape == (5, 4, 3)


def test_a_stack_has_colours_if_any_has():
    assert stack([GREY, GREY]).shape == (2, 5, 4)
    mixed = stack([GREY, COLOUR])
    assert np.array_equal(mixed[0], np.dstack([GREY] * 3))
    assert np.array_equal(mixed[1], COLOUR)


@pytest.mark.parametrize("form", ["GIF", "TIFF", "PNG", "WEBP"])
def test_a_film_or_a_file_of_pages_is_refused(form):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY), Image.fromarray(GREY // 2)]
    content = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match=r"x.png holds 3 images \(frames or pages\), expected one"):
        Decoder().decode("x.png", content)


@pytest.mark.parametrize(
    ("head", "deep"),
    [(b"P5 2 1 255\n", False), (b"P5\n# a\n2 1\n# 65535\n15\n", False), (b"P6 2 1 65535\n", True)],
)
def test_a_pnm_says_its_depth_in_its_header(head, deep):
    content = head + bytes(12)
    if deep:
        with pytest.raises(DataError, match="more than eight bits a channel"):
            Decoder().decode("x.ppm", content)
    else:
        assert Decoder().decode("x.pgm", content).shape == (1, 2)


@pytest.mark.parametrize("error", [RuntimeError, KeyError, struct.error, EOFError, TypeError])
def test_whatever_a_decoder_raises_is_one_sentence(monkeypatch, error):
    def refuse(image):
        raise error("planes failed")

    monkeypatch.setattr("harness.data.images._upright", refuse)
    with pytest.raises(DataError, match=r"x\.png cannot be decoded as an image"):
        decode(GREY)
