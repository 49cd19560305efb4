"""A table as markup: joined texts, since a template takes four times as long for each cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from harness.report.pictures.svg import escaped
from harness.report.views import Cell, Head, Line, View

CODE = re.compile(r"`([^`]+)`")
TALL = 40  # With more lines, the table scrolls.


def table_html(view: View, links: Mapping[str, str] | None = None) -> Markup:
    """Return the table with its notes; ``links`` are the pages of runs by their labels."""
    title, tall = escape(view.title), " tall" if len(view.lines) > TALL else ""
    words = [' class="words"' if head.words else "" for head in view.heads]
    parts = [
        f'<div class="scroll{tall}" role="region" aria-label="{title}" tabindex="0">\n'
        f"<table{' data-models' if view.first == 'model' else ''}>\n"
        f"<caption>{title}</caption>\n<thead>\n"
        f'<tr><th scope="col" data-first="ascending">{escape(view.first)}</th>',
        *map(_head, view.heads, words),
        "</tr>\n</thead>\n<tbody>\n",
        *(_line(line, words, links or {}) for line in view.lines),
        "</tbody>\n</table>\n</div>\n",
        *(f'<p class="note">{_coded(note)}</p>\n' for note in view.notes),
    ]
    return Markup("".join(parts))


def breakable(label: str) -> Markup:
    """Let a label break where its arguments begin and after each of them."""
    return Markup(str(escape(label)).replace("[", "<wbr>[").replace(",", ",<wbr>"))


def _coded(note: str) -> str:
    """Return a note in which what stands in backticks is code."""
    return CODE.sub(r"<code>\1</code>", str(escape(note)))


def _head(head: Head, words: str) -> str:
    first = "descending" if head.better == "high" else "ascending"
    arrow = f"&nbsp;{escape(head.arrow)}" if head.arrow else ""
    return (
        f'<th scope="col"{words} data-first="{first}">{breakable(head.text)}{arrow}'
        f"{_small(head.note)}</th>"
    )


def _line(line: Line, words: Sequence[str], links: Mapping[str, str]) -> str:
    name: str = breakable(line.label)
    if line.label in links and line.kind not in ("summary", "ensemble"):
        name = f'<a href="{escape(links[line.label])}">{name}</a>'
    cells = "".join(map(_cell, line.cells, words))
    group = ""
    if line.group and line.group != line.label:
        group = f' data-group="{escape(line.group)}"'
    return f'<tr class="{line.kind}"{group}><th scope="row">{name}</th>{cells}</tr>\n'


def _cell(cell: Cell, words: str) -> str:
    value = "" if cell.value is None else f' data-value="{cell.value}"'
    text = escaped(cell.text)
    inside = f"<b>{text}</b>" if cell.best else text
    return f"<td{words}{value}>{inside}{_small(cell.note)}</td>"


def _small(note: str) -> str:
    return f" <small>{escaped(note)}</small>" if note else ""
