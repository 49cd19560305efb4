"""The confusion matrix: colours are shares of the true class, texts are counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group
from harness.report.derived import summed_confusion
from harness.report.pictures import svg
from harness.report.pictures.picture import Picture
from harness.report.pictures.svg import BLANK

TEXTS = 20  # With more classes, cells hold no text, and a row is a mark.
LEVELS = 8  # Shades of cells without text.
LETTERS = 18

Counts = Sequence[Sequence[int]]


def confusion_picture(group: Group, classes: Sequence[str], name: str) -> Picture:
    """Draw the confusion matrix on the test images, summed over the configuration's seeds."""
    counts = summed_confusion(group)
    seeds = f" (sum over {len(group.rows)} seeds)" if len(group.rows) > 1 else ""
    note = f"Rows are the true classes, columns the predicted ones{seeds}; "
    note += "the stronger the colour of a cell, the larger its share of the row"
    if len(classes) > TEXTS:
        note += f", in {LEVELS} steps, of which any image at all is the first"
    return Picture(
        f"confusion-{name}",
        f"Confusion matrix of {group.label}",
        (_panel(group.label, counts, classes),),
        note=f"{note}.",
        tall=len(classes) > TEXTS,
        wide=len(classes) > 10,
        model=group.label,
    )


def _panel(label: str, counts: Counts, classes: Sequence[str]) -> Markup:
    many = len(classes)
    cell = float(min(48, max(8, 560 // many)))
    names = [svg.shortened(name, LETTERS) for name in classes]
    # Below the matrix "predicted →" stands where the names of the rows do.
    gutter = max(34 + max(svg.width_of(name) for name in names), svg.width_of("predicted →") + 10)
    below = 30 + 0.75 * max(svg.width_of(name) for name in names)
    if many <= TEXTS:
        marks = _cells(counts, classes, gutter, cell)
    else:
        marks = [*_shades(counts, gutter, cell), *_rows(counts, classes, gutter, cell)]
    return svg.canvas(
        gutter + many * cell + 20,
        many * cell + below + 14,
        f"Confusion matrix of {label} on the test images",
        _names(tuple(names), gutter, cell),
        *marks,
        class_="confusion",
        data_stride=many if many <= TEXTS else None,
    )


@lru_cache(maxsize=4)
def _names(names: tuple[str, ...], gutter: float, cell: float) -> Markup:
    floor, step = 8 + len(names) * cell, math.ceil(13 / cell)
    parts = [
        svg.label("true ↑", 2, floor + 18, class_="name"),
        svg.label("predicted →", 2, floor + 34, class_="name"),
    ]
    for index in range(0, len(names), step):
        middle = (index + 0.5) * cell
        left = gutter + middle + 4
        parts += [
            svg.label(names[index], gutter - 8, 8 + middle + 4, "end"),
            svg.label(
                names[index], left, floor + 14, "end", transform=f"rotate(-45 {left} {floor + 14})"
            ),
        ]
    return svg.tag("g", *parts, aria_hidden="true", class_="frame")


def _cells(counts: Counts, classes: Sequence[str], gutter: float, cell: float) -> list[Markup]:
    forms = iter(_forms(tuple(classes), gutter, cell))
    marks = []
    for line in counts:
        total = sum(line)
        for count in line:
            share, words, small = 0.0, "no images", ""
            if total:
                share = count / total
                words = f"{units.counted(count, 'image')}, {units.percent(share)} %"
                small = f"{100 * share:.0f} %"
            told = svg.escaped(words)
            values = (told, told, f"{share:.3f}", str(count) if total else "")
            marks.append(svg.fill(next(forms), *values, *([small] if cell > 40 else [])))
    return marks


@lru_cache(maxsize=4)  # The pages of a thousand runs share them.
def _forms(classes: tuple[str, ...], gutter: float, cell: float) -> list[str]:
    """Return the form of each cell, with blanks for its numbers."""
    names = [name.replace(BLANK, " ") for name in classes]
    forms = []
    for row, true in enumerate(names):
        for column, predicted in enumerate(names):
            words = f"taken for {predicted}" if row != column else "recognised"
            left, top = gutter + column * cell, 8 + row * cell
            forms.append(svg.form(_cell(f"true {true}, {words}", left, top, cell)))
    return forms


def _cell(words: str, left: float, top: float, cell: float) -> Markup:
    side, middle = cell - 1, left + cell / 2
    style = f"--share:{BLANK}"
    parts = [
        svg.tag("rect", x=left, y=top, width=side, height=side, style=style),
        svg.label(BLANK, middle, top + cell / 2 + (0 if cell > 40 else 4), "middle"),
    ]
    if cell > 40:
        parts.append(svg.label(BLANK, middle, top + cell / 2 + 15, "middle", class_="small"))
    return svg.mark(f"{words}: {BLANK}", *parts, kind="cell")


def _shades(counts: Counts, gutter: float, cell: float) -> list[Markup]:
    """Return a path for each shade: ten thousand rectangles would be a heavy page."""
    paths: dict[int, list[str]] = {}
    side = svg.number(cell - 1 if cell > 12 else cell - 0.5)
    for row, line in enumerate(counts):
        total = sum(line)
        for column, count in enumerate(line):
            if count:
                level = math.ceil(LEVELS * count / total)
                corner = f"{svg.number(gutter + column * cell)} {svg.number(8 + row * cell)}"
                paths.setdefault(level, []).append(f"M{corner}h{side}v{side}h-{side}z")
    return [
        svg.tag(
            "path",
            d="".join(parts),
            class_="shade",
            style=f"--share:{0.15 + 0.85 * level / LEVELS:.2f}",
        )
        for level, parts in sorted(paths.items())
    ]


def _rows(counts: Counts, classes: Sequence[str], gutter: float, cell: float) -> list[Markup]:
    width = len(classes) * cell
    return [
        svg.mark(
            _row_words(row, line, classes),
            svg.tag("rect", x=gutter, y=8 + row * cell, width=width, height=cell, class_="through"),
            kind="row",
        )
        for row, line in enumerate(counts)
    ]


def _row_words(row: int, line: Sequence[int], classes: Sequence[str]) -> str:
    total = sum(line)
    if not total:
        return f"true {classes[row]}: no images"
    text = f"true {classes[row]}: {line[row]} of {total} recognised"
    wrong = sorted(((n, i) for i, n in enumerate(line) if n and i != row), reverse=True)[:3]
    taken = ", ".join(f"{classes[index]} ({count})" for count, index in wrong)
    return f"{text}; most often taken for {taken}" if taken else text
