"""Reliability: accuracy against confidence, a frame for each configuration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report.comparison import Group
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.reliability import Reliability, reliabilities

MOST, COLUMNS = 9, 3
WIDTH, HEIGHT = 320.0, 390.0
TITLE, LETTERS = 17.0, 34  # Pixels of a line of a title, and its letters at most.


def reliability_plot(groups: Sequence[Group]) -> Plot | None:
    """Draw the first configurations that have figures; None if none has."""
    having = [(i, group, both) for i, group in enumerate(groups) if (both := reliabilities(group))]
    if not having:
        return None
    shown = having[:MOST]
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    titles = max(style.wrapped(group.label, LETTERS).count("\n") + 1 for _, group, _ in shown)
    width, pitch = max(WIDTH * columns, 480), HEIGHT + TITLE * (titles - 1)
    fig = style.spaced_figure(width, pitch * rows, top=0, bottom=0, left=0, right=0)

    def axes(left: float, top: float, high: float) -> Axes:
        across = width / columns - 94
        bottom = 1 - (top + high) / (pitch * rows)
        return fig.add_axes((left / width, bottom, across / width, high / (pitch * rows)))

    for place, (index, group, both) in enumerate(shown):
        row, column = divmod(place, columns)
        left, top = column * width / columns + 70, row * pitch + 50 + TITLE * titles
        _frame(axes(left, top, 205), group.label, both, style.colour(index))
        _counts(axes(left, top + 219, 52), both, style.colour(index))
    return style.finish(fig, "reliability", _alt(shown, len(having)))


def _frame(axes: Axes, label: str, both: Sequence[Reliability], colour: str) -> None:
    """Draw accuracy against confidence, and the line on which they are equal."""
    axes.plot([0, 1], [0, 1], color="#8c959f", linewidth=0.9, linestyle=(0, (4, 3)))
    for one in both:
        places = [confidence for _, confidence, _ in one.filled]
        heights = [accuracy for _, _, accuracy in one.filled]
        dashes, face = ("-", colour) if one.temperature is None else ("--", "white")
        axes.plot(places, heights, dashes, color=colour, linewidth=1.0, alpha=0.7)
        # A bin of a few images says little, and is small.
        areas = [14 + 150 * bin.n / one.images for bin, _, _ in one.filled]
        axes.scatter(
            places,
            heights,
            areas,
            facecolors=face,
            edgecolors=colour,
            linewidths=1.2,
            zorder=3,
            clip_on=False,
        )
        axes.plot([], [], dashes, color=colour, marker="o", markerfacecolor=face, label=one.words)
    axes.set_title(
        style.wrapped(label, LETTERS), pad=36, fontsize=9, y=style.TOP, x=-60 / axes.bbox.width
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 1.0), borderaxespad=0.1, fontsize=8)
    axes.tick_params(labelbottom=False)
    style.per_cent_axis(axes)


def _counts(axes: Axes, both: Sequence[Reliability], colour: str) -> None:
    """Draw the share of the images in each bin."""
    for one in both:
        filled = one.temperature is None
        axes.stairs(
            [bin.n / one.images for bin in one.bins],
            [*(bin.low for bin in one.bins), 1.0],
            facecolor=(colour, 0.35),
            edgecolor=colour,
            linewidth=1.0 if filled else 1.2,
            fill=filled,
            linestyle="-" if filled else "--",
        )
    axes.set(xlim=(0, 1), xlabel="confidence", ylabel="images")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.6g} %")
    style.per_cent_axis(axes)


def _alt(shown: Sequence[tuple[int, Group, Sequence[Reliability]]], many: int) -> str:
    texts = "; ".join(
        f"{group.label}, {', '.join(one.words for one in both)}" for _, group, both in shown
    )
    left = f" The first {len(shown)} of {many} configurations." if len(shown) < many else ""
    return (
        "Accuracy on the test images against confidence in 15 bins, with the share of the images "
        f"in each: {texts}.{left}"
    )
