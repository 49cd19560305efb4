"""Validation accuracy over the time of training, all models in one frame."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report import units
from harness.report.comparison import Group, Row
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.plotted import DOTTED
from harness.report.time_to_accuracy import (
    SEVERAL,
    clock,
    far_apart,
    first_seeds,
    on_several_machines,
    trained,
    unit_of,
)

WIDTH, HEIGHT = 960.0, 420.0


def time_to_accuracy_plot(groups: Sequence[Group]) -> Plot | None:
    """Draw a line for each of a model's first seeds; None if none was trained."""
    found = first_seeds(list(enumerate(groups)))
    if not found:
        return None
    labels = [group.label for _, group, _ in found]
    legend = style.legend_height(labels, WIDTH)
    fig = style.figure(WIDTH, HEIGHT + legend)
    axes = fig.subplots()
    lengths = [clock(row.epochs)[-1] for _, _, rows in found for row in rows]
    name, seconds = unit_of(max(lengths))
    for index, group, rows in found:
        for row in rows:
            label = style.wrapped(group.label) if row is rows[0] else None
            _line(axes, row, index, seconds, label)
    if far_apart(lengths):
        axes.set_xscale("log")
        style.round_logarithmic(axes.xaxis)
    else:
        axes.set_xlim(left=0)
    axes.set_title("validation accuracy over time")
    axes.set_xlabel(f"{name}s of training and validation")
    style.per_cent_axis(axes)
    style.legend_below(fig, axes, labels, WIDTH)
    return style.finish(fig, "time-to-accuracy", _alt(found))


def _line(axes: Axes, row: Row, index: int, seconds: float, label: str | None) -> None:
    axes.plot(
        [time / seconds for time in clock(row.epochs)],
        [epoch.valid_accuracy for epoch in row.epochs],
        color=style.colour(index),
        linestyle=style.dashes(index),
        linewidth=1.2,
        marker="." if len(row.epochs) <= DOTTED else None,
        label=label,
    )


def _alt(found: Sequence[tuple[int, Group, tuple[Row, ...]]]) -> str:
    texts = []
    for _, group, rows in found:
        best, row = max(
            ((epoch, row) for row in rows for epoch in row.epochs),
            key=lambda found: found[0].valid_accuracy,
        )
        time = units.duration(clock(row.epochs)[row.epochs.index(best)])
        texts.append(f"{group.label} {units.percent(best.valid_accuracy)} % after {time}")
        if len(rows) < len(trained(group)):
            texts[-1] += f" (of its first {len(rows)} seeds)"
    several = on_several_machines(row for _, _, rows in found for row in rows)
    return (
        f"Validation accuracy over the time of training; its highest: {', '.join(texts)}."
        f"{f' {SEVERAL}' if several else ''}"
    )
