"""Elements of SVG as safe markup: tags, marks with a name each, and signs for series."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from unicodedata import east_asian_width

from markupsafe import Markup, escape

COLOURS = 7  # As many as base.css names.
DASHES = (None, "7 3", "2 2", "9 3 2 3")
SPECIAL = re.compile("[&<>\"']")
FAR = 500  # Of more points, a tenth of a pixel does not tell one from the next.
BLANK = "\0"  # Stands in a form for a text that differs from mark to mark.
SIZE = 12  # Pixels of the letters within a picture.


def tag(element: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element; ``class_`` is class, ``aria_label`` aria-label, and None is left out."""
    parts = [
        f'{_name(name)}="{number(value) if type(value) is float else _text(value)}"'
        for name, value in attributes.items()
        if value is not None
    ]
    inside = [child if type(child) is Markup else escaped(str(child)) for child in children]
    return safe(f"<{element}{''.join(parts)}>{''.join(inside)}</{element}>")


def safe(text: str) -> Markup:
    """Call a text markup: as the class does, without the looks at what a plain text cannot be."""
    return str.__new__(Markup, text)


@cache
def _name(name: str) -> str:
    return " " + name.rstrip("_").replace("_", "-")


def _text(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return escaped(str(value))


def escaped(text: str) -> str:
    """Escape a text; nearly none needs it, and a report of a thousand runs has two million."""
    return escape(text) if SPECIAL.search(text) else text


def number(value: float) -> str:
    """Write a coordinate: a tenth of a pixel is enough."""
    text = f"{value:.1f}"
    if text[-2:] == ".0":
        text = text[:-2]
    return "0" if text == "-0" else text


def path(points: Sequence[tuple[float, float]]) -> str:
    """Write the corners of a line; heights to a hundredth, since the page reads values from them.

    A tenth of a pixel may be a tenth of a per cent.
    """
    # All at once: one by one, the coordinates of a thousand runs took a second.
    corner = "%.1f,%.2f" if len(points) <= FAR else "%.2f,%.2f"
    text = " ".join([corner] * len(points)) % tuple(chain.from_iterable(points))
    return text.replace(".0,", ",")


def ends(scale: Callable[[float], float], first: float = 0.0, second: float = 1.0) -> str:
    """Write the pixels of two values, by which the page finds the value of any other pixel.

    With all digits that count: what lies between them may be a thousandth of the scale.
    """
    return f"{scale(first):.12g} {scale(second):.12g}"


def form(markup: Markup) -> str:
    """Return a markup with blanks as a plain text that `fill` takes."""
    return str(markup).replace("%", "%%").replace(BLANK, "%s")


def fill(form: str, *texts: str) -> Markup:
    """Put escaped texts into the blanks of a form: quicker than to make each mark from tags."""
    return safe(form % texts)


def canvas(width: float, height: float, alt: str, *children: object, **more: object) -> Markup:
    """Return a picture of so many pixels that shrinks with the page; ``alt`` is its name."""
    box = f"0 0 {number(width)} {number(height)}"
    return tag(
        "svg",
        *children,
        viewBox=box,
        width=width,
        height=height,
        role="group",
        aria_label=alt,
        **more,
    )


def mark(text: str, *children: object, kind: str = "", series: str | None = None) -> Markup:
    """Return a group that stands for a value: ``text`` is its name and its tooltip."""
    return tag(
        "g",
        tag("title", text),
        *children,
        class_=f"mark {kind}".rstrip(),
        role="img",
        aria_label=text,
        data_series=series,
    )


def label(
    text: str, x: float | str, y: float | str, anchor: str | None = None, **more: object
) -> Markup:
    """Return a text; ``anchor`` is start (as by itself), middle or end."""
    return tag("text", text, x=x, y=y, text_anchor=anchor, **more)


def colour(index: int) -> str:
    """Return the class of the series' colour."""
    return f"s{index % COLOURS}"


def dash(index: int) -> str | None:
    """Return the dashes that tell apart what has the same colour."""
    return DASHES[index // COLOURS % len(DASHES)]


def sign(index: int, x: float, y: float, size: float = 5.0) -> Markup:
    """Return the series' sign; its form, too, tells neighbours apart, for who sees no colours."""
    form = index % 4
    if form == 0:
        return tag("circle", cx=x, cy=y, r=size, class_="sign")
    corners = (
        ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        ((0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
        ((0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)),
    )[form - 1]
    points = " ".join(f"{number(x + a * size)},{number(y + b * size)}" for a, b in corners)
    return tag("polygon", points=points, class_="sign")


def width_of(text: str, size: float = SIZE) -> float:
    """Return about how wide a text is: a page without a browser cannot measure it.

    Letters that the Unicode standard calls wide or fullwidth (its annex 11) fill a square.
    """
    wide = 0 if text.isascii() else sum(east_asian_width(letter) in "WF" for letter in text)
    return size * (wide + 0.58 * (len(text) - wide))


def shortened(text: str, most: int) -> str:
    """Cut a text to so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
