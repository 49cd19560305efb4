"""The palette of a plot, against Pillow's own reading of its pixels."""

import numpy as np
from PIL import Image

from harness.report.plots.style import paletted


def opaque(colours):
    return np.concatenate([colours, np.full((*colours.shape[:-1], 1), 255)], -1).astype(np.uint8)


def test_few_colours_are_kept_as_they_are():
    pixels = opaque(np.random.default_rng(0).integers(256, size=(200, 3))[None].repeat(7, 0))
    image = paletted(pixels)
    assert image.mode == "P"
    assert image.size == (200, 7)
    assert np.array_equal(np.asarray(image.convert("RGBA")), pixels)


def test_of_many_colours_it_strays_no_more_than_pillow():
    steps = np.linspace(0, 255, 120)
    pixels = opaque(np.stack(np.broadcast_arrays(steps[:, None], steps, 128.0), -1))

    def error(image):
        return np.abs(np.asarray(image.convert("RGBA")).astype(int) - pixels).mean()

    plain = Image.fromarray(pixels).convert("RGB")
    best = plain.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    assert error(paletted(pixels)) <= 1.02 * error(best)
    assert paletted(pixels).tobytes() == paletted(pixels).tobytes()
