"""How all plots look: size, fonts, and one colour a configuration over all of them."""

from __future__ import annotations

import io
import math
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter
from numpy.typing import NDArray
from PIL import Image

from harness.report.pictures.scales import logarithmic_ticks
from harness.report.plots.plot import DENSITY, Plot

# The light ones of base.css: after Okabe and Ito, "Color Universal Design" (2008), each dark enough
# on white (WCAG 2.2: 3:1 for lines, 4.5:1 for letters).
COLOURS = ("#0072b2", "#c24a00", "#007f5f", "#b0478a", "#946200", "#5a4fcf", "#4d4d4d")
DASHES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK, FAINT = "#24292f", "#d8dee4"
INCH = 100  # Pixels on the page.
TOP = 1.0  # Where a title stands for sure; else matplotlib looks whether a tick is in its way.

_SETTINGS: Any = {  # Any: matplotlib types the name of each setting, from version to version.
    "axes.axisbelow": True,
    "axes.edgecolor": "#8c959f",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "savefig.facecolor": "white",
    "text.color": INK,
    "text.hinting": "none",  # Letters on a fine screen need none, and it takes a tenth of the time.
    "text.parse_math": False,
    "xtick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": INK,
    "ytick.labelsize": 8.5,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the report's style, whatever the user's own settings are."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A class name in a script that the font lacks becomes boxes; that is no news to the user.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many pixels on the page."""
    return Figure(figsize=(width / INCH, height / INCH), dpi=INCH, layout="constrained")


def spaced_figure(
    width: float,
    height: float,
    *,
    top: float,
    bottom: float,
    left: float = 72,
    right: float = 16,
    across: float = 0,
    down: float = 0,
    columns: int = 1,
    rows: int = 1,
) -> Figure:
    """Return an empty figure with rooms of so many pixels round its grid and between its frames.

    Where it is known how much room the texts take, this saves two thirds of the drawing: to find it
    out, matplotlib measures all of them twice.
    """
    fig = Figure(figsize=(width / INCH, height / INCH), dpi=INCH)
    frame_width = (width - left - right - across * (columns - 1)) / columns
    frame_height = (height - top - bottom - down * (rows - 1)) / rows
    fig.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        top=1 - top / height,
        bottom=bottom / height,
        wspace=across / frame_width,
        hspace=down / frame_height,
    )
    return fig


def finish(fig: Figure, name: str, alt: str) -> Plot:
    """Render a figure; without a date, so that the same records give the same file."""
    # `savefig` would go through the figure twice, and pack a PNG to be unpacked for the palette.
    canvas = dense_canvas(fig)
    canvas.draw()  # type: ignore[no-untyped-call]
    return packed(canvas, name, alt)


def dense_canvas(fig: Figure) -> FigureCanvasAgg:
    """Return a canvas for the figure, with the pixels of a fine screen."""
    canvas = FigureCanvasAgg(fig)
    fig.set_dpi(INCH * DENSITY)
    return canvas


def packed(canvas: FigureCanvasAgg, name: str, alt: str) -> Plot:
    """Return what is drawn on a canvas as a plot."""
    image = paletted(np.asarray(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]
    # Without a date, equal records give equal files.
    image.save(small := io.BytesIO(), "PNG")
    return Plot(name, alt, small.getvalue())


def paletted(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return opaque pixels ``(H, W, 4)`` in 256 colours at most: the file is a third as large.

    Of Pillow's ways to choose them, this is twice as fast as the usual one, and none strays less.
    It gets each colour once: there are a thousand for a million pixels, most of which are as the
    one before them.
    """
    numbers = (pixels.view("<u4")[..., 0] & 0xFFFFFF).ravel()
    starts = np.flatnonzero(np.diff(numbers, prepend=~numbers[:1]))
    found, which = np.unique(numbers[starts], return_inverse=True)
    colours = Image.fromarray(found.view(np.uint8).reshape(1, -1, 4)).convert("RGB")
    colours = colours.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    places = np.repeat(np.asarray(colours)[0][which], np.diff(starts, append=numbers.size))
    image = Image.fromarray(places.reshape(pixels.shape[:2]))
    image.putpalette(colours.getpalette() or [])
    return image


def colour(index: int) -> str:
    """Return the colour of the configuration with this place in the comparison."""
    return COLOURS[index % len(COLOURS)]


def ink_on(colours: NDArray[np.floating[Any]]) -> list[str]:
    """Return black or white for each of the colours ``(N, 3)``, 0–1: where letters stand out more.

    By the contrast of WCAG 2.2, (lighter + 0.05) / (darker + 0.05) of the relative luminances, one
    of the two is always above 4.5:1, as letters ask for.
    """
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    return ["white" if dark else "black" for dark in (luminance + 0.05) ** 2 < 1.05 * 0.05]


def dashes(index: int) -> str:
    """Return the line style: it tells apart what has the same colour."""
    return DASHES[index // len(COLOURS) % len(DASHES)]


def marker(index: int) -> str:
    """Return the marker: it tells apart what has the same colour, or looks so to a reader."""
    return MARKERS[(index + index // len(COLOURS)) % len(MARKERS)]


def wrapped(label: str, width: int = 44) -> str:
    """Break a long label into lines."""
    return "\n".join(textwrap.wrap(label, width)) or label


def legend_columns(labels: Sequence[str], width: float) -> int:
    """Return how many labels stand beside each other in a legend below the plot."""
    longest = max(len(line) for label in labels for line in wrapped(label).split("\n"))
    return max(1, min(len(labels), int(width / (7 * longest + 60))))


def legend_height(labels: Sequence[str], width: float) -> float:
    """Return how many pixels such a legend is high: none for a single label."""
    if len(labels) < 2:
        return 0.0
    lines = max(wrapped(label).count("\n") + 1 for label in labels)
    return 18.0 * lines * math.ceil(len(labels) / legend_columns(labels, width)) + 10


def legend_below(fig: Figure, axes: Axes, labels: Sequence[str], width: float) -> None:
    """Put the legend of these axes below all of the figure, if there is more than one label."""
    if len(labels) > 1:
        handles, names = axes.get_legend_handles_labels()
        columns = legend_columns(labels, width)
        fig.legend(handles, names, loc="outside lower left", ncols=columns)


def per_cent_axis(axes: Axes) -> None:
    """Show the fractions of the vertical axis in per cent."""
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.6g} %")


def round_logarithmic(axis: Axis) -> None:
    """Give a logarithmic axis round ticks in numbers: matplotlib's own may be a single one."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(FixedLocator(logarithmic_ticks(low, high)))
    axis.set_major_formatter(lambda value, _: f"{value:.6g}")
    axis.set_minor_formatter(NullFormatter())
