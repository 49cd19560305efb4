"""Recall per class with intervals: a row for each class, a sign for each model."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent
from harness.report.pictures.picture import Picture, group_key, series
from harness.report.pictures.scales import Scale, linear
from harness.report.plotted import SPAN, recall_over_seeds, with_recall

WIDTH, LETTERS = 760.0, 22


def recall_picture(groups: Sequence[tuple[int, Group]], classes: Sequence[str]) -> Picture:
    """Draw configurations, each with its place in the comparison: the first ones, if many."""
    shown, first = with_recall(groups, classes)
    note = f"The lines are 95 % Wilson intervals{SPAN}.{first}"
    legend = [group_key(index, group) for index, group in shown]
    return Picture(
        "recall",
        "Recall per class",
        (_panel(shown, classes),),
        tuple(legend) if len(legend) > 1 else (),
        note,
        tall=len(classes) * len(shown) > 120,
        wide=len(groups) > 1,
    )


def _panel(groups: Sequence[tuple[int, Group]], classes: Sequence[str]) -> Markup:
    pitch = max(24.0, 10.0 * len(groups) + 8)
    names = [svg.shortened(name, LETTERS) for name in classes]
    left, floor = 16 + max(svg.width_of(name) for name in names), 10 + pitch * len(classes)
    # Alone, a model's picture stands beside its confusion matrix.
    width, ticks = (WIDTH, 10) if len(groups) > 1 else (560.0, 5)
    x = _scale(groups, classes, left, width - 20, ticks)
    places = {10 + pitch * (i + 0.5): name for i, name in enumerate(names)}
    y = Scale(0, floor, 0, floor)
    marks = [
        mark
        for row, name in enumerate(classes)
        for order, (index, group) in enumerate(groups)
        if (
            mark := _mark(
                index,
                group,
                name,
                x,
                10 + pitch * (row + 0.5) + 10 * (order - (len(groups) - 1) / 2),
            )
        )
    ]
    rows = [
        svg.label(text, left - 8, place + 4, "end", aria_hidden="true")
        for place, text in places.items()
    ]
    bands = [
        svg.tag("rect", x=left, y=10 + pitch * row, width=x.end - left, height=pitch, class_="band")
        for row in range(0, len(classes), 2)
    ]
    axes = frame(x, y, (per_cent, per_cent), ("recall on the test images", ""))
    alt = "Recall of each class on the test images"
    return svg.canvas(width, floor + 48, alt, *bands, axes, *rows, *marks, class_="recall")


def _scale(
    groups: Sequence[tuple[int, Group]],
    classes: Sequence[str],
    left: float,
    right: float,
    ticks: int,
) -> Scale:
    """Return a scale that holds all intervals: points need no zero as bars do."""
    found = [recall_over_seeds(group, name) for _, group in groups for name in classes]
    bounds = [bound for one in found if one for bound in one[1:]]
    return linear(bounds or [0.0, 1.0], left, right, bounds=(0, 1), least=0.1, many=ticks)


def _mark(index: int, group: Group, name: str, x: Scale, top: float) -> Markup | None:
    found = recall_over_seeds(group, name)
    if found is None:
        return None
    mean, low, high = found
    tests = [row.record.test for row in group.rows if row.record.test]
    images = next((f", n = {t.recall[name].n}" for t in tests if name in t.recall), "")
    return svg.mark(
        f"{name}, {group.label}: {units.percent(mean)} % ({units.interval(low, high)} %){images}",
        svg.tag("line", x1=x(low), x2=x(high), y1=top, y2=top, class_="interval"),
        svg.sign(index, x(mean), top, 4.5),
        kind=svg.colour(index),
        series=series(index),
    )
