"""Reliability: accuracy against confidence, with the share of the images in each bin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup

from harness.report.comparison import Group
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent
from harness.report.pictures.picture import Key, Picture, swatch
from harness.report.pictures.scales import Scale, linear
from harness.report.pictures.svg import BLANK
from harness.report.reliability import Reliability, reliabilities
from harness.report.units import interval, percent
from harness.schema import ReliabilityBin

WIDTH, HEIGHT, STRIP = 520.0, 430.0, 60.0
SERIES = ("trained", "scaled")
TICKS = tuple(tick / 5 for tick in range(6))


def reliability_picture(index: int, group: Group, name: str) -> Picture | None:
    """Draw one configuration as trained and temperature-scaled; None where it has no figures."""
    both = reliabilities(group)
    if not both:
        return None
    seeds = f" The bins hold all {len(group.rows)} seeds." if len(group.rows) > 1 else ""
    return Picture(
        f"reliability-{name}",
        f"Reliability of {group.label}",
        (_panel(index, group, both),),
        tuple(_key(index, one) for one in both),
        "On the grey diagonal, confidence is accuracy; below it, the model is too sure. Larger "
        f"points hold more of the test images; the bars are their shares.{seeds}",
        wide=False,
        model=group.label,
    )


def _nothing(_: float) -> str:
    return ""


def _key(index: int, one: Reliability) -> Key:
    line = svg.tag("line", x1=2, x2=26, y1=7, y2=7, stroke_dasharray=_dashes(one))
    dot = _dot(one.temperature is not None, 14, 7, _radius(0.2))
    return Key(_series(one), one.words, swatch(line, dot, kind=svg.colour(index)))


def _panel(index: int, group: Group, both: tuple[Reliability, ...]) -> Markup:
    floor = HEIGHT - 48
    x = Scale(0, 1, 58, WIDTH - 14, TICKS)
    y = Scale(0, 1, floor - STRIP - 16, 14, TICKS)
    shares = [one.n / each.images for each in both for one in each.bins]
    strip = linear([0, *shares], floor, floor - STRIP, margin=0, least=0.05, bounds=(0, 1), many=2)
    diagonal = svg.tag(
        "line", x1=x(0), y1=y(0), x2=x(1), y2=y(1), class_="axis", stroke_dasharray="4 4"
    )
    marks = [mark for one in both for mark in _marks(index, one, x, y, strip)]
    return svg.canvas(
        WIDTH,
        HEIGHT,
        f"Accuracy of {group.label} on the test images by confidence",
        frame(x, y, (_nothing, per_cent), ("", "accuracy")),
        frame(x, strip, (per_cent, per_cent), ("confidence", ""), fine=False),
        diagonal,
        *marks,
        class_="reliability",
    )


def _marks(index: int, one: Reliability, x: Scale, y: Scale, strip: Scale) -> Iterator[Markup]:
    """Yield a mark for the line of all bins, and one for each bin that has images."""
    points = " ".join(
        f"{svg.number(x(confidence))},{svg.number(y(accuracy))}"
        for _, confidence, accuracy in one.filled
    )
    yield svg.mark(
        one.words,
        svg.tag("polyline", points=points, stroke_dasharray=_dashes(one)),
        kind=f"line {svg.colour(index)}",
        series=_series(one),
    )
    form = _form(index, one.temperature is not None)
    for place, confidence, accuracy in one.filled:
        text = svg.escaped(
            f"{_state(one)}, confidence {interval(place.low, place.high)} %: {percent(accuracy)} % "
            f"right, {percent(confidence)} % confident, {place.n} images"
        )
        share = place.n / one.images
        bar = _bar(one, place, share, x, strip)
        numbers = map(svg.number, (*bar, x(confidence), y(accuracy), _radius(share)))
        yield svg.fill(form, text, text, *numbers)


@cache
def _form(index: int, scaled: bool) -> str:
    """Return the form of a bin's mark: its words twice, its bar and its point."""
    kind = "share hollow" if scaled else "share"
    bar = svg.tag("rect", x=BLANK, y=BLANK, width=BLANK, height=BLANK, class_=kind)
    dot = _dot(scaled, BLANK, BLANK, BLANK)
    return svg.form(svg.mark(BLANK, bar, dot, kind=svg.colour(index), series=SERIES[scaled]))


def _bar(
    one: Reliability, place: ReliabilityBin, share: float, x: Scale, strip: Scale
) -> tuple[float, float, float, float]:
    """Return left, top, width and height of a share: as trained in the left half of its place."""
    half = (x(place.high) - x(place.low)) / 2 - 1
    left = x(place.low) + 1 + (0 if one.temperature is None else half)
    top = strip(share)
    return left, top, half - 1, strip(0) - top


def _radius(share: float) -> float:
    """Return that of a bin's point, the larger the more images it holds: a few say little."""
    return 2.4 + 6 * math.sqrt(share)


def _dot(scaled: bool, x: float | str, y: float | str, radius: float | str) -> Markup:
    kind = "sign hollow" if scaled else "sign"
    return svg.tag("circle", cx=x, cy=y, r=radius, class_=kind)


def _dashes(one: Reliability) -> str | None:
    return None if one.temperature is None else "5 3"


def _series(one: Reliability) -> str:
    return SERIES[one.temperature is not None]


def _state(one: Reliability) -> str:
    return "as trained" if one.temperature is None else "temperature-scaled"
