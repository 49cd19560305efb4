"""The palette of a plot, against Pillow's own reading of its pixels; its colours and contrasts."""

import re
from importlib import resources

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageColor

from harness.report.plots.style import COLOURS, figure, ink_on, legend_below, paletted, style


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


def contrast(one, other):
    """WCAG 2.2's, of two colours with three parts of 0–1 each."""

    def luminance(colour):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rgb(name):
    return [part / 255 for part in ImageColor.getrgb(name)]


def test_the_contrast_is_wcags():
    assert contrast(rgb("white"), rgb("black")) == pytest.approx(21)
    assert contrast(rgb("white"), rgb("#767676")) == pytest.approx(4.54, abs=0.01)


def test_letters_stand_out_from_every_shade_of_a_matrix():
    shades = mpl.colormaps["Blues"](np.linspace(0, 1, 200))[:, :3]
    inks = ink_on(shades)
    assert min(contrast(rgb(ink), shade) for ink, shade in zip(inks, shades, strict=True)) >= 4.5
    assert (inks[0], inks[-1]) == ("black", "white")


def test_colours_are_the_pages_and_stand_out_from_white():
    style = (resources.files("harness.report") / "templates" / "base.css").read_text()
    light = dict(reversed(re.findall(r"--s(\d): (#\w{6})", style)))
    assert tuple(light[str(index)] for index in range(len(COLOURS))) == COLOURS
    assert min(contrast(rgb(colour), rgb("white")) for colour in COLOURS) >= 4.5


@pytest.mark.parametrize(
    "labels", [[f"m{n}" for n in range(15)], [f"net{n:02}" for n in range(12)]]
)
def test_a_legend_of_many_short_labels_stays_inside_the_plot(labels):
    with style():
        drawn = figure(960, 500)
        axes = drawn.subplots()
        for label in labels:
            axes.plot([0, 1], [0, 1], label=label)
        legend_below(drawn, axes, labels, 960)
        drawn.canvas.draw()
        edge = drawn.legends[0].get_window_extent().x1 / drawn.get_window_extent().width
    assert edge <= 1
