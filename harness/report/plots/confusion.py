"""The confusion matrix: colours are shares of the true class, texts are counts."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from harness.report.comparison import Group
from harness.report.derived import summed_confusion
from harness.report.plots import style
from harness.report.plots.plot import Plot

TEXTS = 20  # With more classes, cells hold no text.
TICKS = 40  # With more classes, not every one is named.
ALT = 12  # With more classes, the alternative text does not list them.


def confusion_plot(group: Group, classes: tuple[str, ...], name: str) -> Plot:
    """Draw the confusion matrix on the test images, summed over the group's seeds."""
    counts = np.array(summed_confusion(group))
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    side = float(np.clip(48 * len(classes) + 160, 400, 820))
    fig = style.figure(side + 60, side)
    axes = fig.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    bar = fig.colorbar(image, ax=axes, shrink=0.8, aspect=30)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    bar.outline.set_visible(False)
    if len(classes) <= TEXTS:
        _texts(axes, counts, shares)
    _dress(axes, group, classes)
    return style.finish(
        fig, name, f"Confusion matrix of {group.label}", _alt(group, shares, classes)
    )


def _texts(axes: Axes, counts: np.ndarray, shares: np.ndarray) -> None:
    size = len(counts)
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{count}\n{100 * share:.0f} %" if size <= 10 else str(count),
            ha="center",
            va="center",
            color="white" if share > 0.55 else style.INK,
            fontsize=8.5 if size <= 10 else 6.5,
        )


def _dress(axes: Axes, group: Group, classes: tuple[str, ...]) -> None:
    step = math.ceil(len(classes) / TICKS)
    ticks = range(0, len(classes), step)
    names = [style.wrapped(classes[tick], 16) for tick in ticks]
    small = 8.5 if len(classes) <= TEXTS else 6.5
    axes.set_xticks(ticks, names, fontsize=small, rotation=45 if len(classes) <= 10 else 90)
    if len(classes) <= 10:
        for text in axes.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, names, fontsize=small)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0 if step == 1 else 3)
    seeds = f" (sum over {len(group.rows)} seeds)" if len(group.rows) > 1 else ""
    axes.set_title(style.wrapped(f"{group.label}{seeds}", 60))


def _alt(group: Group, shares: np.ndarray, classes: tuple[str, ...]) -> str:
    text = f"Confusion matrix of {group.label} on the test images; rows are the true classes."
    if len(classes) > ALT:
        return text
    found = (f"{name} {100 * shares[i, i]:.1f} %" for i, name in enumerate(classes))
    return f"{text} On the diagonal: {', '.join(found)}."
