"""Loss and accuracy over the epochs, all models in one frame."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from harness.report.comparison import Group
from harness.report.middle import HELD, MANY_SEEDS, as_band, middle_of
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.plotted import DOTTED

QUANTITIES = ("loss", "accuracy")
SPLITS = ("train", "valid")
BAND = 0.22  # How opaque a band is: bands lie over each other.


def all_curves(groups: Sequence[Group]) -> Plot | None:
    """Draw all models in one frame, training beside validation; None if none was trained."""
    trained = [(i, group) for i, group in enumerate(groups) if any(r.epochs for r in group.rows)]
    if not trained:
        return None
    labels = [group.label for _, group in trained]
    width, legend = 960.0, style.legend_height(labels, 960)
    bands = [as_band(group) for _, group in trained]
    above = 24 if any(bands) else 0
    height = 620 + legend + above
    fig = style.spaced_figure(
        width,
        height,
        top=34 + above,
        bottom=54 + legend,
        left=78,
        across=22,
        down=62,
        columns=2,
        rows=2,
    )
    grid = fig.subplots(2, 2, sharex=True, sharey="row")
    if any(bands):
        whose = "its seeds" if all(bands) else f"more than {MANY_SEEDS} seeds"
        words = f"Of each model the median, in a band that holds the {HELD} of {whose}"
        fig.suptitle(words, x=0.01, y=1 - 6 / height, ha="left", fontsize=10)
    for quantity, row in zip(QUANTITIES, grid, strict=True):
        for split, axes in zip(SPLITS, row, strict=True):
            for index, group in trained:
                lines(axes, group, f"{split}_{quantity}", index, style.dashes(index))
            dress(axes, f"{SPLIT_NAMES[split]} {quantity}", quantity)
    style.legend_below(fig, grid[0][0], labels, width)
    alt = f"Loss and accuracy on training and validation images by epoch: {', '.join(labels)}."
    return style.finish(fig, "curves", alt)


SPLIT_NAMES = {"train": "training", "valid": "validation"}


def lines(
    axes: Axes, group: Group, field: str, index: int, dashes: str, label: str | None = None
) -> None:
    """Draw a line for each seed, all in the colour of the configuration; of many, their middle."""
    colour = style.colour(index)
    middle = middle_of(group, field)
    if middle:
        axes.fill_between(
            middle.epochs, middle.low, middle.high, color=colour, alpha=BAND, linewidth=0
        )
        shown = [(middle.epochs, middle.median)]
    else:
        value = attrgetter(field)
        shown = [
            (tuple(epoch.epoch for epoch in row.epochs), tuple(map(value, row.epochs)))
            for row in group.rows
        ]
    for place, (epochs, values) in enumerate(shown):
        axes.plot(
            epochs,
            values,
            color=colour,
            linestyle=dashes,
            linewidth=1.6 if len(shown) == 1 else 1.0,
            marker="o" if len(epochs) <= DOTTED else None,
            markersize=4,
            # Dashes hide behind the dots of a short run: what is dashed has hollow ones.
            markerfacecolor=colour if dashes == "-" else "white",
            label=None if place else label or style.wrapped(group.label),
        )


def dress(axes: Axes, title: str, quantity: str) -> None:
    """Write the title, and say what the axes count."""
    # Small losses have a power of ten above their axis, and the title above that.
    axes.set_title(title, y=style.TOP if quantity == "accuracy" else None)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if quantity == "accuracy":
        style.per_cent_axis(axes)
