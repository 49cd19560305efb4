"""Loss and accuracy over the epochs."""

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

QUANTITIES = ("loss", "accuracy")
SPLITS = ("train", "valid")
DOTTED = 10  # With so many epochs or fewer, each is a dot.
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
                _lines(axes, group, f"{split}_{quantity}", index, style.dashes(index))
            _dress(axes, f"{SPLIT_NAMES[split]} {quantity}", quantity)
    style.legend_below(fig, grid[0][0], labels, width)
    alt = f"Loss and accuracy on training and validation images by epoch: {', '.join(labels)}."
    return style.finish(fig, "curves", "Training curves", alt)


SPLIT_NAMES = {"train": "training", "valid": "validation"}


def model_curves(group: Group, index: int, name: str) -> Plot | None:
    """Draw one model's loss beside its accuracy; None if it was not trained."""
    if not any(row.epochs for row in group.rows):
        return None
    title = style.wrapped(group.label, 110)
    height, lines = 360.0, title.count("\n") + 1
    fig = style.spaced_figure(
        960, height, top=40 + 18 * lines, bottom=50, left=78, across=88, columns=2
    )
    fig.suptitle(title, x=0.01, y=1 - 6 / height, ha="left", fontsize=10, weight="bold")
    for quantity, axes in zip(QUANTITIES, fig.subplots(1, 2), strict=True):
        for split, dashes in zip(SPLITS, ("--", "-"), strict=True):
            _lines(axes, group, f"{split}_{quantity}", index, dashes, SPLIT_NAMES[split])
        _selected(axes, group, f"valid_{quantity}", index)
        _dress(axes, quantity, quantity)
        # Beside the title it covers no line, and no place need be looked for.
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=3,
            borderpad=0.2,
            borderaxespad=0.2,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=1.2,
        )
    return style.finish(fig, name, f"Training curves of {group.label}", _alt(group))


def _lines(
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


def _selected(axes: Axes, group: Group, field: str, index: int) -> None:
    points = [
        (epoch.epoch, getattr(epoch, field))
        for row in group.rows
        for epoch in row.epochs
        if epoch.epoch == row.record.selected_epoch
    ]
    if points:
        axes.plot(
            *zip(*points, strict=True),
            linestyle="none",
            marker="o",
            markersize=7,
            markerfacecolor="white",
            markeredgewidth=1.8,
            color=style.colour(index),
            label="selected epoch",
        )


def _dress(axes: Axes, title: str, quantity: str) -> None:
    # Small losses have a power of ten above their axis, and the title above that.
    axes.set_title(title, y=style.TOP if quantity == "accuracy" else None)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if quantity == "accuracy":
        style.per_cent_axis(axes)


def _alt(group: Group) -> str:
    text = f"Loss and accuracy of {group.label} on training and validation images by epoch."
    return " ".join([text, *(sentence for row in group.rows if (sentence := _choice(row)))])


def _choice(row: Row) -> str:
    chosen = [e for e in row.epochs if e.epoch == row.record.selected_epoch]
    if not chosen:
        return ""
    accuracy = f"{100 * chosen[0].valid_accuracy:.1f} %"
    return f"Seed {row.record.seed}: epoch {chosen[0].epoch} was selected, at {accuracy}."
