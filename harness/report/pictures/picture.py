"""One finished picture: its panels side by side, and the legend that they share."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.comparison import Group
from harness.report.pictures.svg import colour, dash, sign, tag


@dataclass(frozen=True)
class Key:
    """A line of the legend: it switches the marks that carry its ``series``, ``off`` at first."""

    series: str
    label: str
    swatch: Markup
    off: bool = False


@dataclass(frozen=True)
class Picture:
    """Panels of SVG; ``note`` is a sentence below, ``tall`` says that they may scroll.

    ``wide`` asks for the page's whole width; ``model`` is the label of the only model shown;
    ``central`` is what stands beside the main table; of ``small`` panels, several stand in a row.
    """

    name: str
    title: str
    panels: tuple[Markup, ...]
    legend: tuple[Key, ...] = ()
    note: str = ""
    tall: bool = False
    wide: bool = True
    model: str = ""
    central: bool = False
    small: bool = False


def series(index: int) -> str:
    """Return the name of a configuration's marks."""
    return f"m{index}"


def group_key(index: int, group: Group, line: bool = False) -> Key:
    """Return the legend's line of a configuration."""
    parts = [sign(index, 14.0, 7.0, 4.5)]
    if line:
        parts = [_line(dash(index))]
    return Key(series(index), group.label, swatch(*parts, kind=colour(index)))


def swatch(*parts: object, kind: str = "") -> Markup:
    """Return the small picture before a legend's label."""
    return tag("svg", *parts, width=28, height=14, aria_hidden="true", class_=kind or None)


def split_keys(off: bool) -> tuple[Key, Key]:
    """Return the legend's lines of the two splits; ``off`` leaves training for later."""
    return (
        Key("valid", "validation", swatch(_line(None))),
        Key("train", "training", swatch(_line("3 3"), kind="train"), off),
    )


def _line(dashes: str | None) -> Markup:
    return tag("line", x1=2, x2=26, y1=7, y2=7, stroke_dasharray=dashes)
