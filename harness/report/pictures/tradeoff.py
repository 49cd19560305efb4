"""Accuracy against speed, with intervals: the central picture, one for each machine."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Comparison, Group
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent, plain, room_for
from harness.report.pictures.picture import Picture, group_key, series
from harness.report.pictures.place import Area, place
from harness.report.pictures.scales import Scale, linear, logarithmic
from harness.report.plotted import RATES, SPAN, Point, rate_points

WIDTH, HEIGHT = 560.0, 360.0
LONGEST = 26  # Letters of a name beside its point; the legend has all of them.


def tradeoff_pictures(comparison: Comparison) -> list[Picture]:
    """Draw the models that were timed on each machine."""
    machines = comparison.timed_machines
    found = (_picture(comparison.groups, machine, len(machines) > 1) for machine in machines)
    return [picture for picture in found if picture]


def _picture(groups: Sequence[Group], machine: str, several: bool) -> Picture | None:
    panels = [(title, rate_points(groups, machine, read)) for title, read in RATES]
    panels = [(title, points) for title, points in panels if points]
    if not panels:
        return None
    shown = {index: group for _, points in panels for index, group, _ in points}
    where = f" on machine {machine[:8]}" if several else ""
    legend = [group_key(index, group) for index, group in sorted(shown.items())]
    return Picture(
        "accuracy-speed" + (f"-{machine[:8]}" if several else ""),
        f"Accuracy against speed{where}",
        tuple(_panel(title, points, where) for title, points in panels),
        tuple(legend) if len(groups) > 1 else (),
        f"Upwards is better, to the right is faster. The lines are 95 % Wilson intervals{SPAN}. "
        f"The speed is of one machine, on a logarithmic scale.{_settings(groups, machine)}",
        central=True,
    )


def _settings(groups: Sequence[Group], machine: str) -> str:
    """Say that speeds were taken in several ways, if they were."""
    rows = (row for group in groups for row in group.rows if row.timed_on == machine)
    several = len({row.timed_under for row in rows}) > 1
    return " Not all have the same device and number of threads." if several else ""


def _panel(title: str, points: Sequence[Point], where: str) -> Markup:
    bounds = [bound for _, group, _ in points for bound in group.interval]
    y = linear(bounds, HEIGHT - 48, 14, bounds=(0, 1), least=0.04)
    left = room_for(y, per_cent)
    x = logarithmic([rate for _, _, rate in points], left, WIDTH - 14)
    names = (f"images per second, {title}", "test accuracy")
    alt = f"Test accuracy against images per second in {title}{where}"
    return svg.canvas(
        WIDTH,
        HEIGHT,
        alt,
        frame(x, y, (plain, per_cent), names),
        *_marks(title, points, x, y),
    )


def _marks(title: str, points: Sequence[Point], x: Scale, y: Scale) -> list[Markup]:
    spots = [(x(rate), y(group.accuracy)) for _, group, rate in points]
    texts = [svg.shortened(group.label, LONGEST) for _, group, _ in points]
    lines = [(y(group.interval[1]), y(group.interval[0])) for _, group, _ in points]
    taken = [Area(a - 7, b - 7, a + 7, b + 7) for a, b in spots]
    taken += [Area(a - 2, t, a + 2, b) for (a, _), (t, b) in zip(spots, lines, strict=True)]
    areas = place(spots, texts, taken, Area(x.start, y.end - 10, x.end + 10, y.start))
    return [
        _mark(title, point, spot, line, text, area)
        for point, spot, line, text, area in zip(points, spots, lines, texts, areas, strict=True)
    ]


def _mark(
    title: str,
    point: Point,
    spot: tuple[float, float],
    line: tuple[float, float],
    text: str,
    area: Area | None,
) -> Markup:
    index, group, rate = point
    (left, top), (high, low) = spot, line
    parts = [
        svg.tag("line", x1=left, x2=left, y1=high, y2=low, class_="interval"),
        svg.sign(index, left, top, 6.0),
    ]
    if area:
        parts.append(svg.label(text, area.left + 1, area.bottom - 3, class_="near"))
    return svg.mark(
        f"{group.label}: {units.percent(group.accuracy)} % accuracy "
        f"({units.interval(*group.interval)} %) at {units.digits(rate)} images/s in {title}",
        *parts,
        kind=svg.colour(index),
        series=series(index),
    )
