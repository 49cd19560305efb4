"""The frame of a picture: grid, ticks, and the names of the axes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from markupsafe import Markup

from harness.report.pictures.scales import Scale
from harness.report.pictures.svg import BLANK, escaped, fill, form, label, number, tag, width_of

Writer = Callable[[float], str]


@lru_cache(maxsize=64)  # The pages of a thousand runs share half of their frames.
def frame(
    x: Scale, y: Scale, texts: tuple[Writer, Writer], names: tuple[str, str], fine: bool = True
) -> Markup:
    """Return grid and axes; readers of the screen skip them, since each mark says its values.

    ``fine`` draws lines for the ticks of x, too.
    """
    parts = [_upright(x, y, tick, texts[0](tick), fine) for tick in x.ticks]
    parts += [_level(x, y, tick, texts[1](tick)) for tick in y.ticks]
    floor, middle = max(y.start, y.end), (y.start + y.end) / 2
    parts.append(label(names[0], (x.start + x.end) / 2, floor + 38, "middle", class_="name"))
    if names[1]:
        turned = f"rotate(-90 14 {middle:.0f})"
        parts.append(label(names[1], 14, middle, "middle", transform=turned, class_="name"))
    parts.append(tag("line", x1=x.start, x2=x.end, y1=floor, y2=floor, class_="axis"))
    return tag("g", *parts, aria_hidden="true", class_="frame")


def _upright(x: Scale, y: Scale, tick: float, text: str, fine: bool) -> Markup:
    place, floor = number(x(tick)), max(y.start, y.end)
    top = min(y.start, y.end) if fine else floor - 4
    line = (place, place, number(top), number(floor))
    return fill(_line("middle"), *line, place, number(floor + 17), escaped(text))


def _level(x: Scale, y: Scale, tick: float, text: str) -> Markup:
    place = y(tick)
    line = (number(x.start), number(x.end), number(place), number(place))
    return fill(_line("end"), *line, number(x.start - 7), number(place + 4), escaped(text))


@cache
def _line(anchor: str) -> str:
    """Return the form of a line of the grid with its tick."""
    line = tag("line", x1=BLANK, x2=BLANK, y1=BLANK, y2=BLANK, class_="grid")
    return form(line + label(BLANK, BLANK, BLANK, anchor))


def room_for(y: Scale, text: Writer) -> float:
    """Return where the frame begins so that its widest tick stands beside the name of the axis."""
    return 30 + max(width_of(text(tick)) for tick in y.ticks)


def per_cent(value: float) -> str:
    """Write a tick that is a fraction; ticks are round, and close ones have more digits."""
    return f"{100 * value:.6g} %"


def plain(value: float) -> str:
    """Write a tick that is a number, without a power of ten."""
    return f"{value:.0f}" if value >= 1e6 else f"{value:.6g}"
