"""The report as Markdown, with GitHub's tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabulate import tabulate

from harness.report.page import Page
from harness.report.views import Cell, Head, View

SPECIAL = re.compile(r"[\\`*_\[\]<>|#~&$]")
CODE = re.compile(r"`([^`]*)`")


def render_markdown(page: Page) -> str:
    """Return ``report.md``."""
    return "\n\n".join(part for part in _parts(page) if part) + "\n"


def _parts(page: Page) -> Iterator[str]:
    yield f"# {escape(page.title)}"
    yield f"> **{page.warning}**" if page.warning else ""
    yield escape(page.headline)
    yield "## Protocol"
    yield _grid([(fact.name, escape(fact.text)) for fact in page.card], ["what", "value"])
    for view in page.views:
        yield f"## {view.title}"
        yield table(view)
        yield "  \n".join(map(_note, view.notes))
    yield "## Plots" if page.plots else ""
    yield escape(page.plots_note) if page.plots else ""
    for plot in page.plots:
        yield f"![{escape(plot.alt)}](plots/{plot.name}.png)"
    for heading, text in page.sections:
        yield f"## {escape(heading)}"
        # A plugin's text is Markdown already: that is the contract.
        yield text.strip()
    yield "## How to repeat"
    yield "\n".join(f"- {escape(label)}: {_code(command)}" for label, command in page.commands)
    yield escape(page.commands_note)
    yield f"Generated at {page.generated_at} by harness {page.version}."


def table(view: View) -> str:
    """Return a view as a table, the best values bold."""
    rows = [(escape(line.label), *(_cell(cell) for cell in line.cells)) for line in view.lines]
    return _grid(rows, [view.first, *(_head(head) for head in view.heads)])


def _grid(rows: list[tuple[str, ...]], heads: list[str]) -> str:
    return tabulate(rows, headers=heads, tablefmt="github", disable_numparse=True)


def _head(head: Head) -> str:
    note = f"({escape(head.note)})" if head.note else ""
    return " ".join(part for part in (escape(head.text), note, head.arrow) if part)


def _cell(cell: Cell) -> str:
    text = f"**{escape(cell.text)}**" if cell.best else escape(cell.text)
    return f"{text} {escape(cell.aside)}".rstrip()


def escape(text: str) -> str:
    """Make a text plain: one line, and nothing in it is Markdown or HTML."""
    return _plain(" ".join(text.split()))


def _plain(text: str) -> str:
    return SPECIAL.sub(r"\\\g<0>", text)


def _note(text: str) -> str:
    """Make a note plain, but for what stands in backticks: that is code."""
    parts = CODE.split(text)
    return "".join(_code(part) if place % 2 else _plain(part) for place, part in enumerate(parts))


def _code(text: str) -> str:
    """Return a code span; its fence is longer than any run of backticks within."""
    line = " ".join(text.split())
    fence = "`"
    while fence in line:
        fence += "`"
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
