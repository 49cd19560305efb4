"""A data set at a glance: each class with its mean image, examples and counts by split."""

from __future__ import annotations

import io
import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.data.arrays import SPLITS
from harness.data.splits import Splits
from harness.data.summary import Summary
from harness.report.datasets.mosaic import Mosaic, make_mosaic
from harness.report.plots.style import INK, style

MUTED, EDGE = "#57606a", "#afb8c1"
COLOURS = {"train": "#0072B2", "valid": "#E69F00", "test": "#D55E00"}
MOST_ROWS = 25  # classes below each other; more of them stand in columns
EXAMPLES = {1: 10, 2: 6}  # by columns; in more columns there are four
LONGEST_NAME = 16
# Inches.
MARGIN, HEAD, FOOT, LETTER, BARS, TEXT = 0.3, 1.2, 0.45, 0.082, 1.5, 1.35


def draw_dataset(splits: Splits, summary: Summary, form: str = "png") -> bytes:
    """Return the picture in a form that matplotlib knows: png, pdf or svg."""
    total = len(summary.classes)
    columns = math.ceil(total / MOST_ROWS)
    rows = math.ceil(total / columns)
    parts = [range(start, min(start + rows, total)) for start in range(0, total, rows)]
    mosaics = [make_mosaic(splits.train, part, EXAMPLES.get(columns, 4)) for part in parts]
    with style():
        fig = _draw(mosaics, parts, summary, 0.62 if rows <= 10 else 0.42)
        buffer = io.BytesIO()
        # Without a date equal data gives equal files.
        dated = {"svg": "Date", "pdf": "CreationDate"}
        metadata = {dated[form]: None} if form in dated else None
        fig.savefig(buffer, format=form, dpi=160, metadata=metadata)
    return buffer.getvalue()


def _draw(mosaics: list[Mosaic], parts: list[range], summary: Summary, cell: float) -> Figure:
    """Lay the columns out beside each other; ``cell`` is the height of an image in inches."""
    scale = cell / mosaics[0].cell_height
    width, height = (mosaics[0].pixels.shape[axis] * scale for axis in (1, 0))
    label = 0.15 + LETTER * max(len(_short(name)) for name in summary.classes)
    column = label + width + 0.2 + BARS + TEXT
    size = (max(2 * MARGIN + len(mosaics) * column, 7.5), HEAD + height + FOOT)
    fig = Figure(figsize=size)
    _write_head(fig, summary, size)
    most = max(map(sum, zip(*summary.class_counts.values(), strict=True)))
    for index, (mosaic, part) in enumerate(zip(mosaics, parts, strict=True)):
        left = MARGIN + index * column + label
        tall = mosaic.pixels.shape[0] * scale
        place = (left, size[1] - HEAD - tall, width, tall)
        _draw_images(_axes(fig, place, size), mosaic, [summary.classes[label] for label in part])
        place = (left + width + 0.2, place[1], BARS, tall)
        _draw_counts(_axes(fig, place, size), mosaic, part, summary, most)
    fig.text(MARGIN / size[0], 0.16 / size[1], _foot(summary), color=MUTED, fontsize=7.5)
    return fig


def _axes(fig: Figure, place: tuple[float, ...], size: tuple[float, float]) -> Axes:
    left, bottom, width, height = place
    axes = fig.add_axes(
        (left / size[0], bottom / size[1], width / size[0], height / size[1]),
        xticks=[],
        yticks=[],
    )
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return axes


def _write_head(fig: Figure, summary: Summary, size: tuple[float, float]) -> None:
    left, top = MARGIN / size[0], 1 - 0.42 / size[1]
    fig.text(left, top, summary.name, fontsize=14, fontweight="bold", color=INK)
    kind = {1: "grey", 3: "RGB"}.get(summary.channels, f"{summary.channels} channels")
    counts = " · ".join(f"{split} {summary.counts[split]}" for split in SPLITS)
    blank = sum(summary.blank.values())
    words = [
        f"{sum(summary.counts.values())} images",
        f"{summary.height} × {summary.width} pixels, {kind}",
        f"{len(summary.classes)} classes",
        counts,
        *([f"{blank} blank"] if blank else []),
        *(["synthetic"] if summary.synthetic else []),
    ]
    fig.text(left, top - 0.24 / size[1], "   |   ".join(words), color=MUTED, fontsize=9)


def _draw_images(axes: Axes, mosaic: Mosaic, names: list[str]) -> None:
    axes.imshow(mosaic.pixels, aspect="auto", interpolation="antialiased")
    centre = mosaic.cell_height / 2
    for row, name in enumerate(names):
        at = (-1.5 * mosaic.gap, centre + row * mosaic.row_height)
        axes.text(*at, _short(name), ha="right", va="center", fontsize=9, color=INK)
    above = -1.2 * mosaic.gap
    axes.text(
        mosaic.cell_width / 2, above, "mean", ha="center", va="bottom", color=MUTED, fontsize=8
    )
    examples = "examples of the training images"
    axes.text(mosaic.examples_left, above, examples, va="bottom", color=MUTED, fontsize=8)


def _draw_counts(axes: Axes, mosaic: Mosaic, part: range, summary: Summary, most: int) -> None:
    """Draw a bar a class beside its row of images, a piece a split, and write the counts."""
    centres = [mosaic.cell_height / 2 + row * mosaic.row_height for row in range(len(part))]
    ends = [0] * len(part)
    for split in SPLITS:
        counts = [summary.class_counts[split][label] for label in part]
        thick = 0.34 * mosaic.cell_height
        axes.barh(centres, counts, thick, ends, color=COLOURS[split], label=split, linewidth=0)
        ends = [end + count for end, count in zip(ends, counts, strict=True)]
    for label, centre, end in zip(part, centres, ends, strict=True):
        text = " · ".join(str(summary.class_counts[split][label]) for split in SPLITS)
        axes.text(end + 0.05 * most, centre, text, va="center", fontsize=8, color=MUTED)
    axes.set(xlim=(0, most), ylim=(mosaic.pixels.shape[0], 0))
    axes.axvline(0, color=EDGE, linewidth=0.8)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.1,
        borderpad=0.2,
        columnspacing=1,
        fontsize=8,
        handleheight=0.6,
        handlelength=0.8,
        handletextpad=0.4,
        labelcolor=MUTED,
        ncols=3,
    )


def _short(name: str) -> str:
    """Shorten a long name in its middle: what tells classes apart often stands at the end."""
    return name if len(name) <= LONGEST_NAME else f"{name[:9]}…{name[-6:]}"


def _foot(summary: Summary) -> str:
    source = f"from {summary.source['name']}   |   " if summary.source else ""
    return f"{source}fingerprint {summary.fingerprint[:16]}"
