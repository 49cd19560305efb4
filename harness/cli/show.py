"""`harness data show`: what a data set holds, as a table and as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import GivenPath, plugin_option
from harness.cli.picture import write_picture

if TYPE_CHECKING:
    from harness.data.splits import Splits
    from harness.data.summary import Summary

FORMS = ("png", "pdf", "svg")
MOST_COLUMNS = 12  # of classes; more of them are rows


@click.command(short_help="Show what a data set holds.")
@click.argument("words", metavar="DIR|NAME")
@click.option(
    "--out",
    metavar="FILE",
    type=GivenPath(),
    help="Draw examples, mean image and counts of each class to FILE (.png, .pdf or .svg).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@plugin_option
def show(words: str, out: Path | None, as_json: bool, plugin: tuple[str, ...]) -> None:
    """Show what the data set in the folder DIR holds, or that of a plugin by its NAME.

    Images by class and split, their size and brightness, how many are blank (of one colour
    throughout), where they came from, and the fingerprint that results name them by.

    \b
      harness data show data/fer2013 --out fer2013.png
      harness data show 'faces[size=2000]'
    """
    from harness.cli.opened import open_data
    from harness.data.summary import summarise

    if out is not None:
        _check_form(out)
    data = open_data(words, plugin)
    splits = data.splits
    summary = summarise(data.folder, splits)
    for warning in summary.warnings:
        click.echo(f"warning: {warning}", err=True)
    if out is not None:
        _draw(splits, summary, out)
    click.echo(json.dumps(summary.to_dict(), indent=2) if as_json else describe(summary))
    if out is not None and not as_json:
        click.echo(f"picture in {out}")


def _check_form(out: Path) -> None:
    from harness.errors import RequestError

    if out.suffix.lower().removeprefix(".") not in FORMS:
        raise RequestError(f"{out} is no picture, expected a name that ends in .png, .pdf or .svg")


def _draw(splits: Splits, summary: Summary, out: Path) -> None:
    from harness.report.datasets.dataset import draw_dataset

    picture = draw_dataset(splits, summary, out.suffix.lower().removeprefix("."))
    write_picture(out, picture, "--out")


def describe(summary: Summary) -> str:
    """Return the numbers as a table and some lines."""
    kind = {1: "grey", 3: "RGB"}.get(summary.channels, f"{summary.channels} channels")
    source = summary.source or {}
    origin = f"{source['name']} ({source['form']})" if source else "not known (no manifest)"
    blank = ", ".join(f"{count} in {split}" for split, count in summary.blank.items() if count)
    lines = {
        "size": f"{summary.height} × {summary.width} pixels, {kind}",
        "train mean": f"{_fractions(summary.mean)}, standard deviation {_fractions(summary.std)}",
        "blank": blank or "none",
        "source": f"{origin}{', synthetic' * summary.synthetic}",
        "fingerprint": summary.fingerprint,
    }
    if summary.votes:
        lines["votes"] = (
            f"{', '.join(summary.votes['names'])}; from {summary.votes['source']['name']}"
        )
    body = "\n".join(f"{name:<12} {text}" for name, text in lines.items())
    notes = "".join(f"\n{note}" for note in summary.notes)
    table = counts_table(summary.counts, summary.class_counts, summary.classes)
    return f"{summary.name}\n\n{table}\n\n{body}{notes}"


def _fractions(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def counts_table(
    counts: Mapping[str, int], class_counts: Mapping[str, Sequence[int]], classes: Sequence[str]
) -> str:
    """Return counts by split and class: a row a split, or a row a class where these are many."""
    from tabulate import tabulate

    rows = [(split, count, *class_counts[split]) for split, count in counts.items()]
    if len(classes) <= MOST_COLUMNS:
        return tabulate(rows, headers=("split", "images", *classes), disable_numparse=[0])
    turned = list(zip(("all", *classes), *(row[1:] for row in rows), strict=True))
    return tabulate(turned, headers=("class", *counts), disable_numparse=[0])
