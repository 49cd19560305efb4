"""The frame of a picture: grid, ticks, and the names of the axes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup

from harness.report.pictures.scales import Scale
from harness.report.pictures.svg import label, tag

Writer = Callable[[float], str]


@lru_cache(maxsize=64)  # The pages of a thousand runs share half of their frames.
def frame(
    x: Scale, y: Scale, texts: tuple[Writer, Writer], names: tuple[str, str], fine: bool = True
) -> Markup:
    """Return grid and axes; readers of the screen skip them, since each mark says its values.

    ``fine`` draws lines for the ticks of x, too.
    """
    parts = [part for tick in x.ticks for part in _upright(x, y, tick, texts[0](tick), fine)]
    parts += [part for tick in y.ticks for part in _level(x, y, tick, texts[1](tick))]
    floor, middle = max(y.start, y.end), (y.start + y.end) / 2
    parts.append(label(names[0], (x.start + x.end) / 2, floor + 38, "middle", class_="name"))
    if names[1]:
        turned = f"rotate(-90 14 {middle:.0f})"
        parts.append(label(names[1], 14, middle, "middle", transform=turned, class_="name"))
    parts.append(tag("line", x1=x.start, x2=x.end, y1=floor, y2=floor, class_="axis"))
    return tag("g", *parts, aria_hidden="true", class_="frame")


def _upright(x: Scale, y: Scale, tick: float, text: str, fine: bool) -> tuple[Markup, Markup]:
    place, floor = x(tick), max(y.start, y.end)
    top = min(y.start, y.end) if fine else floor - 4
    line = tag("line", x1=place, x2=place, y1=top, y2=floor, class_="grid")
    return line, label(text, place, floor + 17, "middle")


def _level(x: Scale, y: Scale, tick: float, text: str) -> tuple[Markup, Markup]:
    place = y(tick)
    line = tag("line", x1=x.start, x2=x.end, y1=place, y2=place, class_="grid")
    return line, label(text, x.start - 7, place + 4, "end")


def per_cent(value: float) -> str:
    """Write a tick that is a fraction."""
    return f"{100 * value:.3g} %"


def plain(value: float) -> str:
    """Write a tick that is a number."""
    return f"{value:.6g}"
