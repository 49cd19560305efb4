"""Stored runs as tables on the screen."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.labels import assignments, shortened
from harness.report.units import counted, duration, percent
from harness.schema import RobustnessRecord, RunRecord

ROOM_FOR_DATES = 100
FOLDED = 500  # With more lines, those that are too wide are left to the terminal.
GAP = "  "
ACCURACIES = {
    "train": "train accuracy",
    "valid": "valid accuracy",
    "valid_tta": "valid accuracy, views",
    "test": "test accuracy",
    "test_tta": "test accuracy, views",
    "test_clean": "clean test accuracy",
    "test_clean_tta": "clean test accuracy, views",
}


def print_runs(rows: Sequence[Mapping[str, Any]], results: Path) -> None:
    """Print a line for each run, and what all of them take on disk."""
    console = Console()
    if not rows:
        console.print(f"no such runs in {results}", markup=False, highlight=False)
        return
    several = len({row["dataset"] for row in rows}) > 1
    # On a narrow screen the names of models need the room.
    dated = console.width >= ROOM_FOR_DATES
    names = ["key", "model", "data", "seed", "status", "valid %", "test %", "MB", "finished"]
    hidden = {name for name, shown in (("data", several), ("finished", dated)) if not shown}
    heads = [name for name in names if name not in hidden]
    lines = []
    for row in rows:
        cells = {
            "key": row["key"][:8],
            "model": _label(row["model"], row["arguments"], row["overrides"], row["recipe"]),
            "data": row["dataset"],
            "seed": str(row["seed"]),
            "status": row["status"],
            "valid %": _percent(row["valid_accuracy"]),
            "test %": _percent(row["test_accuracy"]),
            "MB": f"{row['bytes'] / 1e6:.1f}",
            "finished": row["finished_at"][:16].replace("T", " "),
        }
        lines.append([cells[name] for name in heads])
    _print_lines(console, heads, lines)
    total = sum(row["bytes"] for row in rows) / 1e6
    console.print(f"{counted(len(rows), 'run')}, {total:.1f} MB", highlight=False)


def _print_lines(console: Console, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a table, with cells folded where it is too wide for the screen.

    rich measures, folds and styles each cell by itself, which takes seconds for ten thousand
    lines, so where nothing needs folding or lines are many, they are padded here: to the same text.
    """
    columns = zip(heads, *lines, strict=True)
    widths = [max(_width(text) for text in column) for column in columns]
    wide = sum(widths) + len(GAP) * (len(heads) - 1) > console.width and len(lines) <= FOLDED
    if wide or not all(text.isprintable() for line in lines for text in line):
        table = _table(heads)
        for line in lines:
            table.add_row(*map(Text, line))
        console.print(table)
        return
    console.print(Text(_padded(heads, widths), style="dim"), soft_wrap=True)
    console.file.write("".join(f"{_padded(line, widths)}\n" for line in lines))


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def print_run(folder: Path, record: RunRecord, robustness: RobustnessRecord | None) -> None:
    """Print what its records say of a run, the recall of each class, and how to repeat it."""
    console = Console()
    table = _table(("what", "value"))
    for name, value in _facts(folder, record, robustness):
        table.add_row(Text(name), Text(value))
    console.print(table)
    if record.test:
        recalls = _table(("class", "recall %", "95 %", "n"))
        for name, item in record.test.recall.items():
            interval = f"{_percent(item.low)}–{_percent(item.high)}" if item.n else ""
            recalls.add_row(Text(name), _percent(item.recall), interval, str(item.n))
        console.print()
        console.print(recalls)
    console.print()
    console.print(record.command, markup=False, highlight=False, soft_wrap=True)


def _facts(
    folder: Path, record: RunRecord, robustness: RobustnessRecord | None
) -> Iterable[tuple[str, str]]:
    yield "model", _label(record.model, record.arguments, {})
    yield "key", record.key
    yield "status", record.status + (f": {record.reason}" if record.reason else "")
    yield "data", f"{record.dataset.name}{' (synthetic)' if record.dataset.synthetic else ''}"
    changes = ", ".join(f"{name}={value}" for name, value in record.overrides.items())
    yield "recipe", ", ".join(part for part in (record.recipe_name, changes) if part)
    yield "seed", str(record.seed)
    for name, words in ACCURACIES.items():
        metrics = getattr(record, name)
        if metrics:
            low, high = _percent(metrics.accuracy_low), _percent(metrics.accuracy_high)
            yield words, f"{_percent(metrics.accuracy)} % ({low}–{high})"
    if record.test:
        low, high = map(_percent, record.test.uar_interval)
        yield "UAR of test images", f"{_percent(record.test.uar)} % ({low}–{high})"
        low, high = map(_percent, record.test.macro_f1_interval)
        yield "macro-F1 of test images", f"{_percent(record.test.macro_f1)} % ({low}–{high})"
    if robustness:
        mean = _percent(robustness.mean_accuracy)
        yield "corrupted test images", f"{mean} % on average"
    if record.selected_epoch:
        yield "selected epoch", f"{record.selected_epoch} of {record.recipe.epochs}"
    if record.cost and record.cost.train_seconds:
        yield "training time", duration(record.cost.train_seconds)
    yield "computed", f"{record.device}, {record.precision}, {counted(record.threads, 'thread')}"
    yield "finished", record.finished_at
    yield "folder", str(folder)


def _table(names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        # A key that is broken in two cannot be copied.
        table.add_column(name, overflow="fold", no_wrap=name in ("key", "finished"))
    return table


def _label(
    model: str,
    arguments: Mapping[str, Any],
    changes: Mapping[str, Any],
    recipe: str = "default",
) -> str:
    inner = assignments(arguments)
    words = [f"{model}[{inner}]" if inner else model]
    words += [recipe] if recipe != "default" else []
    return " ".join([*words, *(f"{name}={value}" for name, value in shortened(changes).items())])


def _percent(value: float | None) -> str:
    return "–" if value is None else percent(value)
