"""Recall per class as grouped bars, with Wilson intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report.comparison import Group
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.plotted import SPAN, recall_over_seeds, with_recall

BARS = 150  # A panel holds about so many bars; further classes go into a panel below.
WIDTH = 960.0


def recall_plot(groups: Sequence[Group], classes: tuple[str, ...]) -> Plot:
    """Draw a bar for each model and class; over several seeds, their mean and the hull of all.

    Of many models, the first ones are drawn.
    """
    groups, first = with_recall(groups, classes)
    labels = [group.label for group in groups]
    panels = math.ceil(len(classes) * len(groups) / BARS)
    per_panel = math.ceil(len(classes) / panels)
    panels = math.ceil(len(classes) / per_panel)
    legend = style.legend_height(labels, WIDTH)
    fig = style.figure(WIDTH, 260.0 * panels + 80 + legend)
    grid = fig.subplots(panels, 1, squeeze=False)[:, 0]
    for number, axes in enumerate(grid):
        part = classes[number * per_panel : (number + 1) * per_panel]
        for index, group in enumerate(groups):
            _bars(axes, group, index, part, 0.8 / len(groups), len(groups))
        _dress(axes, part, per_panel)
    style.legend_below(fig, grid[0], labels, WIDTH)
    alt = (
        f"Recall of each of {len(classes)} classes on the test images, with 95 % Wilson intervals"
        f"{SPAN}: {', '.join(labels)}.{first} The numbers are in the table of recall per class."
    )
    return style.finish(fig, "recall", alt)


def _bars(
    axes: Axes, group: Group, index: int, classes: Sequence[str], width: float, many: int
) -> None:
    offset = (index - (many - 1) / 2) * width
    found = [
        (place + offset, *bar)
        for place, name in enumerate(classes)
        if (bar := recall_over_seeds(group, name))
    ]
    places, heights, lows, highs = zip(*found, strict=True) if found else ((), (), (), ())
    axes.bar(
        places,
        heights,
        width * 0.92,
        color=style.colour(index),
        hatch=("", "///", "...", "xxx")[index // len(style.COLOURS) % 4],
        edgecolor="white",
        linewidth=0,
        label=style.wrapped(group.label),
    )
    below = [height - low for height, low in zip(heights, lows, strict=True)]
    above = [high - height for height, high in zip(heights, highs, strict=True)]
    axes.errorbar(
        places, heights, yerr=[below, above], fmt="none", ecolor=style.INK, elinewidth=0.9
    )


def _dress(axes: Axes, classes: Sequence[str], places: int) -> None:
    upright = len(classes) <= 10
    names = [style.wrapped(name, 16) for name in classes]
    axes.set_xticks(range(len(classes)), names, rotation=0 if upright else 90)
    axes.tick_params(axis="x", length=0, labelsize=8.5 if places <= 40 else 6)
    axes.set(xlim=(-0.6, places - 0.4), ylim=(0, 1), ylabel="recall")
    axes.grid(visible=False, axis="x")
    style.per_cent_axis(axes)
