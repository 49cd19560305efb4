"""Loss and accuracy over the epochs, all models in one frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from harness.report.comparison import Group, Row
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.plotted import DOTTED

QUANTITIES = ("loss", "accuracy")
SPLITS = ("train", "valid")
EXACT = 127  # Lines of more points are simplified by matplotlib, in a collection they are not.


def all_curves(groups: Sequence[Group]) -> Plot | None:
    """Draw all models in one frame, training beside validation; None if none was trained."""
    trained = [(i, group) for i, group in enumerate(groups) if any(r.epochs for r in group.rows)]
    if not trained:
        return None
    labels = [group.label for _, group in trained]
    width, legend = 960.0, style.legend_height([group.label for _, group in trained], 960)
    legend *= len(labels) > 1
    fig = style.spaced_figure(
        width,
        620 + legend,
        top=34,
        bottom=54 + legend,
        left=78,
        across=22,
        down=62,
        columns=2,
        rows=2,
    )
    grid = fig.subplots(2, 2, sharex=True, sharey="row")
    for quantity, row in zip(QUANTITIES, grid, strict=True):
        for split, axes in zip(SPLITS, row, strict=True):
            for index, group in trained:
                lines(axes, group, f"{split}_{quantity}", index, style.dashes(index))
            dress(axes, f"{SPLIT_NAMES[split]} {quantity}", quantity)
    style.legend_below(fig, grid[0][0], labels, width)
    alt = f"Loss and accuracy on training and validation images by epoch: {', '.join(labels)}."
    return style.finish(fig, "curves", "Training curves", alt)


SPLIT_NAMES = {"train": "training", "valid": "validation"}


def lines(
    axes: Axes, group: Group, field: str, index: int, dashes: str, label: str | None = None
) -> None:
    """Draw a line for each seed, all in the colour of the configuration.

    Many seeds after the first are one collection: the same pixels, in a tenth of the time.
    """
    look = {
        "color": style.colour(index),
        "linestyle": dashes,
        "linewidth": 1.6 if len(group.rows) == 1 else 1.0,
    }
    first, *others = group.rows
    _line(axes, first, field, look, label or style.wrapped(group.label))
    many = []
    for row in others:
        if DOTTED < len(row.epochs) <= EXACT:
            many.append(_points(row, field))
        else:
            _line(axes, row, field, look)
    if many:
        axes.add_collection(_lines_at_once(many, look))
        axes.autoscale_view()


def _lines_at_once(
    lines: Sequence[Sequence[tuple[float, float]]], look: Mapping[str, Any]
) -> PolyCollection:
    """Return open polygons: a legend keeps clear of them, which it does not of a LineCollection."""
    return PolyCollection(
        lines,
        closed=False,
        facecolor="none",
        edgecolor=look["color"],
        linestyle=look["linestyle"],
        linewidth=look["linewidth"],
        joinstyle="round",
        capstyle="projecting" if look["linestyle"] == "-" else "butt",
        zorder=Line2D.zorder,
    )


def _line(
    axes: Axes, row: Row, field: str, look: Mapping[str, Any], label: str | None = None
) -> None:
    marker = "." if len(row.epochs) <= DOTTED else None
    axes.plot(*zip(*_points(row, field), strict=True), **look, marker=marker, label=label)


def _points(row: Row, field: str) -> list[tuple[float, float]]:
    value = attrgetter(field)
    return [(epoch.epoch, value(epoch)) for epoch in row.epochs]


def dress(axes: Axes, title: str, quantity: str) -> None:
    """Write the title, and say what the axes count."""
    # Small losses have a power of ten above their axis, and the title above that.
    axes.set_title(title, y=style.TOP if quantity == "accuracy" else None)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if quantity == "accuracy":
        style.per_cent_axis(axes)
