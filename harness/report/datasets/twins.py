"""Pairs of near twins sorted by score, to judge by eye how far a data set's audit can be trusted.

A third of the pairs lie below the threshold as far as there are such, a third just above it, and
the rest are spread evenly over all others.
"""

from __future__ import annotations

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.data.splits import Splits
from harness.report.datasets.mosaic import EMPTY, Pixels, fitted, spaced
from harness.report.plots.style import INK, style
from harness.schema import Audit, AuditedImage, TwinPair

COLUMNS = 6
CELL, GAP, LETTERS = 96, 10, 46  # pixels: an image, between pairs, and below them
MUTED, DOUBT = "#57606a", "#b35900"
INCH = 100  # pixels
MARGIN, HEAD = 0.25, 0.85  # inches


def choose_pairs(audit: Audit, count: int) -> tuple[TwinPair, ...]:
    """Return at most ``count`` pairs, the lowest score first."""
    twins = audit.near_pairs[::-1]
    # A third, or what twins leave.
    doubtful = audit.doubtful_pairs[: max(count // 3, count - len(twins))][::-1]
    low = min(len(twins), max(count // 3, 0))
    others = twins[low:]
    rest = spaced(len(others), max(0, count - len(doubtful) - low))
    return (*doubtful, *twins[:low], *(others[place] for place in rest))[:count]


def draw_twins(splits: Splits, audit: Audit, count: int) -> bytes:
    """Return the picture of ``count`` pairs at most, as PNG."""
    pairs = choose_pairs(audit, count)
    rows = max(1, -(-len(pairs) // COLUMNS))
    wide, tall = 2 * CELL + 2 * GAP, CELL + LETTERS
    canvas = np.full((rows * tall, COLUMNS * wide, 3), 255, np.uint8)
    for number, pair in enumerate(pairs):
        top, left = number // COLUMNS * tall, number % COLUMNS * wide
        for place, image in enumerate((pair.first, pair.second)):
            turned = pair.mirrored and place == 1
            part = canvas[top : top + CELL, left + place * CELL :][:, :CELL]
            part[...] = _cell(splits, image, turned)
    with style():
        fig = _draw(canvas, pairs, splits, audit)
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", dpi=INCH)
    return buffer.getvalue()


def _cell(splits: Splits, image: AuditedImage, turned: bool) -> Pixels:
    """Return an image in the middle of a cell, turned left to right if it is to be."""
    pixels = getattr(splits, image.split).images[image.index]
    pixels = pixels[:, ::-1] if turned else pixels
    scale = CELL / max(pixels.shape[:2])
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    cell = np.full((CELL, CELL, 3), EMPTY, np.uint8)
    top, left = (CELL - height) // 2, (CELL - width) // 2
    cell[top : top + height, left : left + width] = fitted(pixels, height, width)
    return cell


def _draw(canvas: Pixels, pairs: tuple[TwinPair, ...], splits: Splits, audit: Audit) -> Figure:
    height, width = (side / INCH for side in canvas.shape[:2])
    size = (width + 2 * MARGIN, height + HEAD + MARGIN)
    fig = Figure(figsize=size)
    place = (MARGIN / size[0], MARGIN / size[1], width / size[0], height / size[1])
    axes = fig.add_axes(place, xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.imshow(canvas, aspect="auto", interpolation="nearest")
    for number, pair in enumerate(pairs):
        _caption(axes, number, pair, splits.classes, pair in audit.doubtful_pairs)
    left, top = MARGIN / size[0], 1 - 0.4 / size[1]
    title = f"{audit.dataset}: near twins by score"
    fig.text(left, top, title, fontsize=14, fontweight="bold", color=INK)
    fig.text(left, top - 0.24 / size[1], _words(pairs, audit), fontsize=9, color=MUTED)
    return fig


def _caption(
    axes: Axes, number: int, pair: TwinPair, classes: tuple[str, ...], doubtful: bool
) -> None:
    top = number // COLUMNS * (CELL + LETTERS) + CELL
    left = number % COLUMNS * (2 * CELL + 2 * GAP)
    score = f"{number + 1}:  {pair.score:.3f}"
    words = f"{score}{'  mirrored' * pair.mirrored}{'  below the threshold' * doubtful}"
    colour = DOUBT if doubtful else INK
    axes.text(left, top + 12, words, fontsize=7.5, color=colour, va="center")
    for line, image in enumerate((pair.first, pair.second)):
        text = f"{image.split} {image.index}  {classes[image.label][:20]}"
        place = left + line * CELL
        axes.text(place, top + 25 + 9 * line, text, fontsize=5.5, color=MUTED, va="center")


def _words(pairs: tuple[TwinPair, ...], audit: Audit) -> str:
    if audit.threshold is None:
        return "near twins cannot be told from images that are merely alike"
    return (
        f"{len(pairs)} of {audit.pairs} pairs at or above {audit.threshold:.2f} and of "
        f"{audit.doubtful} just below"
    )
