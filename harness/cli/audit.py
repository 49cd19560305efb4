"""`harness data audit`: twins, blanks and conflicting labels, as a table and as a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import GivenPath, plugin_option
from harness.cli.picture import write_picture

if TYPE_CHECKING:
    from harness.data.splits import Splits
    from harness.schema import Audit

PICTURE = "twins.png"
ROWS = {
    "test in train": ("test_train", "test"),
    "valid in train": ("valid_train", "valid"),
    "test in valid": ("test_valid", "test"),
    "within train": ("train", "train"),
    "within valid": ("valid", "valid"),
    "within test": ("test", "test"),
}


@click.command(short_help="Look for twins, wrong labels and blank images.")
@click.argument("words", metavar="DIR|NAME")
@click.option("--force", is_flag=True, help="Look again, though the audit is there.")
@click.option(
    "--picture",
    metavar="FILE.png",
    type=GivenPath(dir_okay=False),
    help=f"Where to draw pairs of near twins by score.  [default: {PICTURE} beside the audit, if "
    "that folder can be written]",
)
@click.option(
    "--pairs",
    type=click.IntRange(0, 2000),
    default=120,
    show_default=True,
    help="How many pairs to draw; 0 draws no picture.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole audit as JSON.")
@plugin_option
def audit(
    words: str,
    force: bool,
    picture: Path | None,
    pairs: int,
    as_json: bool,
    plugin: tuple[str, ...],
) -> None:
    """Look for what is wrong with the data set in the folder DIR, or of a plugin by its NAME.

    Exact twins (alike in every pixel) and near twins (the same picture after JPEG, a change of
    brightness, a shift, a slightly other crop, or mirrored) within and across splits; twins that
    carry different labels; blank images; classes that a split lacks; labels in another order than
    the classes' names.

    Test images without a twin in train are the clean test: results are given on them, too. The
    audit (audit.json) and their indices (clean_test.npy) are kept beside the data, or in the
    user's cache where its folder cannot be written, or holds files of yours with these names.
    `harness run` makes it at the first run.

    \b
      harness data audit data/fer2013
      harness data audit data/fer2013 --force --picture pairs.png --pairs 240
      harness data audit 'faces[size=2000]'
    """
    from harness.cli.opened import open_data
    from harness.data.audit import AUDIT, find_audit, why_elsewhere

    _check_form(picture)
    data = open_data(words, plugin)
    folder, splits = data.folder, data.splits
    with _progress() as progress:
        found, place = find_audit(folder, splits, progress=progress, force=force)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    if place != folder:
        click.echo(f"{why_elsewhere(folder)}: the audit is kept in {place}", err=True)
    if as_json:
        click.echo(found.to_json(), nl=False)
    else:
        click.echo(describe(found, splits.classes))
        click.echo(f"audit in {place / AUDIT}")
    # What was found stands there already where the picture cannot be written.
    drawn = _draw(splits, found, picture, place, pairs)
    if drawn is not None and not as_json:
        click.echo(f"picture in {drawn}")


def _check_form(picture: Path | None) -> None:
    from harness.errors import RequestError

    if picture is not None and picture.suffix.lower() != ".png":
        raise RequestError(f"--picture {picture}: expected a name that ends in .png")


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error while images are compared, if it is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("comparing images", total=1.0)
        yield lambda part: bar.update(task, completed=part)


def _draw(
    splits: Splits, found: Audit, picture: Path | None, place: Path, pairs: int
) -> Path | None:
    """Draw the pairs to ``picture`` and return where; None where there is nothing to draw.

    A picture that nobody asked for is left out, with a warning, where ``place`` cannot be written.
    """
    from harness.errors import RequestError
    from harness.report.datasets.twins import draw_twins

    if not pairs or not (found.near_pairs or found.doubtful_pairs):
        if picture is not None:
            told = found.threshold is not None
            none = "there are no near twins" if told else "near twins were not told"
            reason = none if pairs else "--pairs 0 asks for none"
            click.echo(f"warning: {picture} is not drawn: {reason}", err=True)
        return None
    out = picture or place / PICTURE
    try:
        write_picture(out, draw_twins(splits, found, pairs), "--picture")
    except RequestError as error:
        if picture is not None:
            raise
        click.echo(f"warning: the picture is left out: {error}", err=True)
        return None
    return out


def describe(found: Audit, classes: tuple[str, ...]) -> str:
    """Return what was found as a table and some lines."""
    from tabulate import tabulate

    from harness.report.units import NONE, percent

    rows = []
    for words, (name, split) in ROWS.items():
        exact, near = getattr(found.exact, name), getattr(found.near, name)
        count = found.counts[split]
        share = f"{percent((exact + near) / count)} %"
        # Near twins that were not looked for are not none.
        told = NONE if found.threshold is None else near
        rows.append((words, exact, told, exact + near, count, share))
    heads = ("images with a twin", "exact", "near", "together", "of", "share")
    sides = ("left", *("right",) * (len(heads) - 1))
    table = tabulate(rows, headers=heads, disable_numparse=True, colalign=sides)
    body = "\n".join(f"{name:<12} {text}" for name, text in _lines(found, classes).items())
    return f"{found.dataset}: {sum(found.counts.values())} images\n\n{table}\n\n{body}"


def _lines(found: Audit, classes: tuple[str, ...]) -> dict[str, str]:
    card, exact, nearly = found.card, found.exact_conflicts, found.near_conflicts
    redundant = sum(len(group.images) - 1 for group in found.exact_groups)
    near, kind = "not listed; the warning says why", "exact "
    if found.threshold is not None:
        kind = ""
        near = f"{found.pairs} pairs (score {found.threshold:.2f} or more)"
        near += f"; {found.doubtful} doubtful ones just below"
    blank = {split: sum(i.split == split for i in found.blank) for split in found.counts}
    return {
        "clean test": f"{card.clean} test images have no {kind}twin in train; {card.twins} are "
        "left out",
        "exact twins": f"{len(found.exact_groups)} groups; {redundant} images are further copies",
        "near twins": near,
        "conflicts": f"{exact.groups} groups of exact twins ({exact.images} images) and "
        f"{nearly.groups} groups joined by near twins ({nearly.images} images) carry different "
        "labels",
        "blank": ", ".join(f"{n} in {split}" for split, n in blank.items() if n) or "none",
        "classes": "; ".join(f"{split} lacks {', '.join(n)}" for split, n in found.missing.items())
        or f"all {len(classes)} in every split",
    }
