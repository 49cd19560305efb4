"""Accuracy against the strength of each corruption."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from harness.report.comparison import Comparison
from harness.report.corrupted import Panel, panels
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.units import percent

WIDTH, HEIGHT, COLUMNS = 960.0, 230.0, 3


def robustness_plot(comparison: Comparison) -> Plot | None:
    """Draw a panel for each corruption and a line for each model; None where none was evaluated."""
    drawn = panels(comparison)
    if not drawn:
        return None
    labels = [curve.group.label for curve in drawn[0].curves]
    legend = style.legend_height(labels, WIDTH)
    rows = math.ceil(len(drawn) / COLUMNS)
    fig = style.figure(WIDTH, HEIGHT * rows + legend)
    grid = fig.subplots(rows, COLUMNS, squeeze=False, sharey=True)
    for axes in grid.flat[len(drawn) :]:
        axes.set_visible(False)
    for number, (panel, axes) in enumerate(zip(drawn, grid.flat, strict=False)):
        _lines(axes, panel)
        axes.set(title=panel.name, xlabel=panel.axis)
        axes.set_xticks(range(len(panel.ticks)), panel.ticks)
        style.per_cent_axis(axes)
        if number % COLUMNS == 0:
            axes.set_ylabel("test accuracy")
    style.legend_below(fig, grid[0][0], labels, WIDTH)
    return style.finish(fig, "robustness", _alt(comparison, drawn))


def _lines(axes: Axes, panel: Panel) -> None:
    for curve in panel.curves:
        axes.plot(
            range(len(curve.accuracies)),
            curve.accuracies,
            color=style.colour(curve.index),
            linestyle=style.dashes(curve.index),
            marker=style.marker(curve.index),
            markersize=4,
            label=style.wrapped(curve.group.label),
        )


def _alt(comparison: Comparison, drawn: tuple[Panel, ...]) -> str:
    texts = []
    for group in comparison.groups:
        found = [row.robustness for row in group.rows if row.robustness]
        if found:
            plain = percent(sum(one.uncorrupted_accuracy for one in found) / len(found))
            mean = percent(sum(one.mean_accuracy for one in found) / len(found))
            texts.append(f"{group.label} {plain} % uncorrupted, {mean} % corrupted on average")
    names = ", ".join(panel.name for panel in drawn)
    return f"Test accuracy against the strength of {names}. {'; '.join(texts)}."
