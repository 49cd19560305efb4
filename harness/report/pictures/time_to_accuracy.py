"""Validation accuracy over the time of training, all models in one frame."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group, Row
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent, plain, room_for
from harness.report.pictures.picture import Picture, group_key, series
from harness.report.pictures.scales import Scale, linear, logarithmic
from harness.report.plotted import DOTTED
from harness.report.time_to_accuracy import (
    SEEDS,
    SEVERAL,
    clock,
    far_apart,
    first_seeds,
    on_several_machines,
    unit_of,
)

WIDTH, HEIGHT = 760.0, 360.0
Drawn = tuple[int, Group, tuple[Row, ...]]


def time_to_accuracy_picture(groups: Sequence[tuple[int, Group]]) -> Picture | None:
    """Draw configurations, each with its place in the comparison; None if none was trained."""
    found = first_seeds(groups)
    if not found:
        return None
    keys = [group_key(index, group, line=True) for index, group, _ in found]
    first = any(len(group.rows) > SEEDS for _, group, _ in found)
    rows = [row for _, _, rows in found for row in rows]
    return Picture(
        "time-to-accuracy",
        "Accuracy over time",
        (_panel(found),),
        tuple(keys) if len(groups) > 1 else (),
        "Validation accuracy at the end of each epoch, over the time of training and validation "
        "until then, under whatever load the machine had. A ring is the selected epoch."
        f"{f' Of each model the first {SEEDS} seeds.' if first else ''}"
        f"{f' {SEVERAL}' if on_several_machines(rows) else ''}",
    )


def _panel(found: Sequence[Drawn]) -> Markup:
    rows = [row for _, _, rows in found for row in rows]
    lengths = [clock(row.epochs)[-1] for row in rows]
    name, seconds = unit_of(max(lengths))
    values = [epoch.valid_accuracy for row in rows for epoch in row.epochs]
    y = linear(values, HEIGHT - 48, 14, bounds=(0.0, 1.0), least=0.02, many=8)
    left = room_for(y, per_cent)
    x = _time([clock(row.epochs) for row in rows], seconds, far_apart(lengths), left)
    lines = [_line(row, index, seconds, x, y) for index, _, rows in found for row in rows]
    # Where the scale is logarithmic, the pixels of 1 and 10 tell the way back to a time.
    ends = (1.0, 10.0) if x.logarithmic else (0.0, 1.0)
    return svg.canvas(
        WIDTH,
        HEIGHT,
        f"validation accuracy by {name}s of training and validation",
        frame(x, y, (plain, per_cent), (f"{name}s", "validation accuracy")),
        *lines,
        class_="curves",
        data_along=name,
        data_logarithmic="" if x.logarithmic else None,
        data_quantity="accuracy",
        data_x=svg.ends(x, *ends),
        data_y=svg.ends(y),
    )


def _time(clocks: Sequence[Sequence[float]], seconds: float, apart: bool, left: float) -> Scale:
    """Return the scale of time; from the start, unless it is logarithmic."""
    times = [time / seconds for times in clocks for time in times]
    if apart:
        return logarithmic([time for time in times if time > 0], left, WIDTH - 14)
    # Clocks that stand still have no length: a unit is shown.
    return linear([0.0, max(times) or 1.0], left, WIDTH - 14, margin=0.03, bounds=(0, float("inf")))


def _line(row: Row, index: int, seconds: float, x: Scale, y: Scale) -> Markup:
    points, ring = [], []
    for time, epoch in zip(clock(row.epochs), row.epochs, strict=True):
        if time <= 0 and x.logarithmic:
            continue
        place = (x(time / seconds), y(epoch.valid_accuracy))
        points.append(place)
        if epoch.epoch == row.record.selected_epoch:
            ring = [svg.tag("circle", cx=place[0], cy=place[1], r=4.5, class_="ring")]
    dots = points if len(points) <= DOTTED else []
    return svg.mark(
        _words(row),
        svg.tag("polyline", points=svg.path(points), stroke_dasharray=svg.dash(index)),
        *(svg.tag("circle", cx=a, cy=b, r=2.2, class_="dot") for a, b in dots),
        *ring,
        kind=f"line {svg.colour(index)}",
        series=series(index),
    )


def _words(row: Row) -> str:
    best = max(row.epochs, key=lambda epoch: epoch.valid_accuracy)
    times = clock(row.epochs)
    when = units.duration(times[row.epochs.index(best)])
    return (
        f"{row.label}: {units.percent(best.valid_accuracy)} % after {when} at epoch {best.epoch}, "
        f"the highest of {units.duration(times[-1])}"
    )
