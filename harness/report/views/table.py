"""A table to look at, before it is Markdown, HTML or text on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from harness.report import units
from harness.report.units import NONE
from harness.schema import ClassRecall, Metrics

Better = Literal["high", "low"]
Kind = Literal["run", "summary", "ensemble", "unfinished"]


class Cell(NamedTuple):
    """One number as text, with a ``note`` in small print.

    A tuple, since a report of a thousand runs makes three hundred thousand of them.

    Cells of one column are compared by ``value`` where their ``scope`` is the same: speeds of two
    machines are not.
    """

    text: str = NONE
    note: str = ""
    value: float | None = None
    scope: str | None = ""
    best: bool = False

    @property
    def aside(self) -> str:
        """The note as it stands behind the text: in brackets, unless it is a deviation."""
        if not self.note:
            return ""
        return f" {self.note}" if self.note.startswith("±") else f" ({self.note})"


def share(
    value: float | None, low: float | None = None, high: float | None = None, scope: str = ""
) -> Cell:
    """Return the cell of a fraction in per cent, with its interval where it has one."""
    if value is None:
        return Cell()
    note = "" if low is None or high is None else units.interval(low, high)
    return Cell(units.percent(value), note, value, scope)


def accuracy(metrics: Metrics | None, scope: str = "") -> Cell:
    """Return the cell of an accuracy with its interval; an empty one where there is none."""
    if metrics is None:
        return Cell()
    return share(metrics.accuracy, metrics.accuracy_low, metrics.accuracy_high, scope)


def uar(metrics: Metrics | None) -> Cell:
    """Return the cell of a UAR with its interval; an empty one where there is none."""
    return share(metrics.uar, *metrics.uar_interval) if metrics else Cell()


def macro_f1(metrics: Metrics | None) -> Cell:
    """Return the cell of a macro-F1 with its interval; an empty one where there is none."""
    return share(metrics.macro_f1, *metrics.macro_f1_interval) if metrics else Cell()


def recall(found: ClassRecall | None, scope: str = "") -> Cell:
    """Return the cell of a class's recall with its interval; an empty one where there is none."""
    return share(found.recall, found.low, found.high, scope) if found else Cell()


@dataclass(frozen=True)
class Head:
    """The head of a column, with a ``note`` in small print.

    ``better`` is the direction in which a value is better, if any is; ``words`` says that the
    column holds words and no numbers.
    """

    text: str
    better: Better | None = None
    note: str = ""
    words: bool = False

    @property
    def arrow(self) -> str:
        """The direction in which a value is better, as an arrow."""
        return {"high": "↑", "low": "↓", None: ""}[self.better]


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is about, and a cell for each column.

    ``group`` is the label of the configuration that it belongs to, where the row says it otherwise.
    """

    label: str
    cells: tuple[Cell, ...]
    kind: Kind = "run"
    group: str = ""


@dataclass(frozen=True)
class View:
    """A table: ``first`` is the head of the labels, ``notes`` are sentences below it."""

    title: str
    first: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def marks(self) -> bool:
        """Whether a cell stands out."""
        return any(cell.best for line in self.lines for cell in line.cells)


def mark_best(heads: Sequence[Head], lines: Sequence[Line]) -> tuple[Line, ...]:
    """Mark the best cells of each column, runs, summaries and ensembles apart, one scope at a time.

    A cell stands out only against another: alone in its scope, or like all others, it does not.
    What reads the same as the best is marked too.
    """
    grid = [list(line.cells) for line in lines]
    for kind in ("run", "summary", "ensemble"):
        members = [index for index, line in enumerate(lines) if line.kind == kind]
        for column, head in enumerate(heads):
            if head.better:
                _mark(grid, members, column, head.better)
    return tuple(replace(line, cells=tuple(cells)) for line, cells in zip(lines, grid, strict=True))


def _mark(grid: list[list[Cell]], members: Sequence[int], column: int, better: Better) -> None:
    pick = max if better == "high" else min
    values: dict[str | None, dict[int, float]] = {}
    for index in members:
        cell = grid[index][column]
        if cell.value is not None:
            values.setdefault(cell.scope, {})[index] = cell.value
    for inside in values.values():
        best = grid[pick(inside, key=inside.__getitem__)][column].text
        alike = [index for index in inside if grid[index][column].text == best]
        if len(alike) < len(inside):
            for index in alike:
                grid[index][column] = grid[index][column]._replace(best=True)
