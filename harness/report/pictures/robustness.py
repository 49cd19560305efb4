"""Accuracy against the strength of each corruption, a panel for each."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group
from harness.report.corrupted import Curve, Panel, panels_of
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent
from harness.report.pictures.picture import Picture, group_key, series
from harness.report.pictures.scales import Scale, linear

WIDTH, HEIGHT = 380.0, 260.0


def robustness_picture(groups: Sequence[tuple[int, Group]]) -> Picture | None:
    """Draw configurations, each with its place in the comparison; None if none was evaluated."""
    drawn = panels_of(groups)
    if not drawn:
        return None
    curves = [curve for panel in drawn for curve in panel.curves]
    # One scale for all panels: else a flat line and a steep one would look alike.
    values = [value for curve in curves for value in curve.accuracies]
    y = linear(values, HEIGHT - 48, 30, bounds=(0, 1), least=0.1)
    keys = [group_key(curve.index, curve.group, line=True) for curve in drawn[0].curves]
    several = any(curve.seeds > 1 for curve in curves)
    return Picture(
        "robustness",
        "Robustness",
        tuple(_panel(panel, y) for panel in drawn),
        tuple(keys) if len(groups) > 1 else (),
        "Accuracy on corrupted test images, from none to the strongest; below each panel the "
        f"corruption's parameter.{' Means over seeds.' if several else ''}",
        small=True,
    )


def _panel(panel: Panel, y: Scale) -> Markup:
    last = len(panel.values)
    x = Scale(-0.2, last + 0.2, 58, WIDTH - 14, tuple(float(tick) for tick in range(last + 1)))

    def tick(value: float) -> str:
        return panel.ticks[round(value)]

    return svg.canvas(
        WIDTH,
        HEIGHT,
        f"accuracy by strength of {panel.name}",
        frame(x, y, (tick, per_cent), (panel.axis, ""), fine=False),
        svg.label(panel.name, 58, 16, class_="head", aria_hidden="true"),
        *(_line(panel, curve, x, y) for curve in panel.curves),
        class_="curves",
        data_along="strength",
        data_quantity="accuracy",
        data_x=svg.ends(x),
        data_y=svg.ends(y),
    )


def _line(panel: Panel, curve: Curve, x: Scale, y: Scale) -> Markup:
    points = [(x(place), y(value)) for place, value in enumerate(curve.accuracies)]
    return svg.mark(
        _words(panel, curve),
        svg.tag("polyline", points=svg.path(points), stroke_dasharray=svg.dash(curve.index)),
        *(svg.sign(curve.index, left, top, 3.0) for left, top in points),
        kind=f"line {svg.colour(curve.index)}",
        series=series(curve.index),
    )


def _words(panel: Panel, curve: Curve) -> str:
    plain, *others = curve.accuracies
    parts = [f"{units.percent(plain)} % uncorrupted"]
    parts += [
        f"{units.percent(accuracy)} % at {value:g}"
        for value, accuracy in zip(panel.values, others, strict=True)
    ]
    return f"{curve.group.label}, {panel.name}: {', '.join(parts)} ({panel.axis})"
