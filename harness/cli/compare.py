"""`harness compare`: two sets of results, and gates for continuous integration."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import GivenPath
from harness.cli.output import steadfast

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from harness.versus.gates import Gates
    from harness.versus.write import Verdicts


LEAST_WIDTH = 80


@click.command()
@click.argument("first", type=GivenPath())
@click.argument("second", type=GivenPath())
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["worse", "inconclusive", "not-comparable"]),
    help="Exit with 1 where a verdict is this one, or quality cannot be judged. May be repeated.",
)
@click.option(
    "--min",
    "minimum",
    multiple=True,
    metavar="METRIC=VALUE",
    help="What SECOND must reach at least: accuracy=0.70. May be repeated.",
)
@click.option(
    "--max",
    "maximum",
    multiple=True,
    metavar="METRIC=VALUE",
    help="What SECOND must not exceed: latency_p50_ms=3. May be repeated.",
)
@click.option(
    "--max-drop",
    multiple=True,
    metavar="METRIC=VALUE|PERCENT%",
    help="How much worse than FIRST it may be: uar=0.01, or 5% of FIRST's value. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option(
    "--markdown",
    type=GivenPath(dir_okay=False),
    help="Write the verdicts as Markdown, for a pull request, too.",
)
def compare(
    first: Path,
    second: Path,
    fail_on: tuple[str, ...],
    minimum: tuple[str, ...],
    maximum: tuple[str, ...],
    max_drop: tuple[str, ...],
    as_json: bool,
    markdown: Path | None,
) -> int:
    """Say what is better or worse in SECOND than in FIRST, and check gates.

    Each is a results folder, a run's folder or its record.json, or a report's folder or its
    runs.json. Configurations are paired by model, arguments, recipe and data set; a single one on
    each side is compared whatever it is called.

    Quality is compared on the same test images only: by a bootstrap over images, with the variance
    over seeds, where both sides have three seeds or more, else by exact McNemar's test of two
    weight files, which says nothing of other seeds. Speed is compared within one kind of machine
    only: processor, cores, GPU and system. Verdicts are better, worse, inconclusive and not
    comparable; without a gate they change no exit code.

    \b
      harness compare main/results results --fail-on worse
      harness compare main/results results --min accuracy=0.70 --max-drop uar=0.01
      harness compare main/results results --max-drop train_images_per_second=5%

    Metrics: accuracy, uar, macro_f1 (fractions), the same on test images without twins
    (accuracy_clean, ...), train_images_per_second, inference_images_per_second, latency_p50_ms.

    Exit codes: 0 all gates passed; 1 a gate fell short, or could not be judged; 2 the request
    itself was wrong.
    """
    from harness.versus.verdicts import verdicts_of
    from harness.versus.write import as_json as to_json

    verdicts = verdicts_of(first, second, _gates(fail_on, minimum, maximum, max_drop))
    with steadfast():
        if as_json:
            click.echo(to_json(verdicts))
        else:
            _print(verdicts)
    if markdown:
        _write(verdicts, markdown)
    return 1 if verdicts.falls else 0


def _gates(
    fail_on: tuple[str, ...],
    minimum: tuple[str, ...],
    maximum: tuple[str, ...],
    max_drop: tuple[str, ...],
) -> Gates:
    from harness.versus.gates import VERDICTS, Gates, parse_limit

    return Gates(
        tuple(verdict for verdict in VERDICTS if verdict.replace(" ", "-") in fail_on),
        (
            *(parse_limit("--min", words) for words in minimum),
            *(parse_limit("--max", words) for words in maximum),
        ),
        tuple(parse_limit("--max-drop", words) for words in max_drop),
    )


def _print(verdicts: Verdicts) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from harness.versus.write import HEADS, fall_text, rows

    # On less rich would cut numbers short; a terminal breaks the lines.
    console = Console(width=max(LEAST_WIDTH, Console().width))
    console.print(f"{verdicts.second} against {verdicts.first}", highlight=False, markup=False)
    colours = {"better": "green", "worse": "red"}
    both = zip(verdicts.shown, rows(verdicts.shown), strict=True)
    for label, members in groupby(both, key=lambda item: item[0].label):
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for head in HEADS[1:]:
            justify: JustifyMethod = "right" if head in ("first", "second") else "left"
            table.add_column(head, justify=justify, no_wrap=head != "metric", overflow="fold")
        for one, cells in members:
            table.add_row(*map(escape, cells[1:]), style=colours.get(one.verdict))
        # A line of its own: in the column of metrics a long name would be broken within words.
        console.print(f"\n{escape(label)}", style="bold", highlight=False, soft_wrap=True)
        console.print(table)
    for note in verdicts.notes:
        console.print(note, highlight=False, markup=False)
    for fall in verdicts.falls:
        click.echo(f"gate: {fall_text(fall)}", err=True)


def _write(verdicts: Verdicts, path: Path) -> None:
    from harness.documents import write_text
    from harness.versus.write import as_markdown

    write_text(path, as_markdown(verdicts), "--markdown")
