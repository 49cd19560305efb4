"""Accuracy against speed, one plot for each machine."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report.comparison import Comparison, Group
from harness.report.plots import style
from harness.report.plots.names import file_names
from harness.report.plots.plot import Plot
from harness.report.plotted import RATES, Point, rate_points
from harness.report.units import digits, percent

WIDTH = 960.0


def tradeoff_plots(comparison: Comparison) -> list[Plot]:
    """Draw the models that were timed on each machine."""
    machines = comparison.timed_machines
    names = ["accuracy-speed"]
    if len(machines) > 1:
        names = file_names(f"accuracy-speed-{machine[:8]}" for machine in machines)
    found = (
        _plot(comparison.groups, machine, name)
        for machine, name in zip(machines, names, strict=False)
    )
    return [plot for plot in found if plot]


def _plot(groups: Sequence[Group], machine: str, name: str) -> Plot | None:
    panels = [(title, rate_points(groups, machine, read)) for title, read in RATES]
    panels = [(title, points) for title, points in panels if points]
    if not panels:
        return None
    labels = list(dict.fromkeys(group.label for _, points in panels for _, group, _ in points))
    legend = style.legend_height(labels, WIDTH)
    fig = style.figure(WIDTH, 360 + legend)
    grid = fig.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for (title, points), axes in zip(panels, grid, strict=True):
        _scatter(axes, points)
        axes.set(title=f"accuracy against {title} speed", xlabel=f"images per second, {title}")
        style.per_cent_axis(axes)
    grid[0].set_ylabel("test accuracy")
    style.legend_below(fig, grid[0], labels, WIDTH)
    where = "" if name == "accuracy-speed" else f" on machine {machine[:8]}"
    return style.finish(fig, name, _alt(panels, where))


def _scatter(axes: Axes, points: Sequence[Point]) -> None:
    for index, group, rate in points:
        low, high = group.interval
        axes.errorbar(
            [rate],
            [group.accuracy],
            yerr=[[group.accuracy - low], [high - group.accuracy]],
            fmt=style.marker(index),
            color=style.colour(index),
            markersize=8,
            elinewidth=1.2,
            capsize=3,
            label=style.wrapped(group.label),
        )
    rates = [rate for _, _, rate in points]
    axes.set_xscale("log")
    room = 1.6 if len(points) > 1 else 3.0
    axes.set_xlim(min(rates) / room, max(rates) * room)
    axes.margins(y=0.05 if len(points) > 1 else 0.6)
    style.round_logarithmic(axes.xaxis)


def _alt(panels: Sequence[tuple[str, Sequence[Point]]], where: str) -> str:
    texts = (
        f"{title}: "
        + ", ".join(f"{g.label} {percent(g.accuracy)} % at {digits(rate)}" for _, g, rate in points)
        for title, points in panels
    )
    return f"Test accuracy against images per second{where}. " + "; ".join(texts) + "."
