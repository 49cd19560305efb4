"""`harness report`: the report again, from records and predictions alone."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.config import plugin_files
from harness.cli.evidence import open_images, read_entries, read_evidence
from harness.cli.filtering import Filter, model_option, of_key, recipe_option, seed_option
from harness.cli.options import GivenPath, not_writable, plugin_option, results_option
from harness.cli.output import steadfast
from harness.errors import RequestError, unknown
from harness.plugins import Host, discover
from harness.schema import RunRecord
from harness.store import Store

if TYPE_CHECKING:
    from harness.cli.evidence import Images


def read_levels(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[float, ...]:
    """Return (0.5, 0.6) from ``0.5,0.6``, sorted and each once."""
    if value is None:
        return ()
    try:
        levels = sorted({float(word) for word in value.split(",")})
    except ValueError:
        levels = []
    if not levels or not all(0 < level <= 1 for level in levels):
        raise click.BadParameter(
            f"{value!r}, expected accuracies above 0 and up to 1, parted by commas, like 0.5,0.65"
        )
    return tuple(levels)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for garbage a hundred times more rarely.

    Of a thousand records nearly all that is made stays to the end, and to look through it again
    and again takes a tenth of a report.
    """
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--dataset", metavar="NAME", help="Whose runs to compare, if there are several.")
@model_option
@recipe_option
@seed_option
@click.option(
    "--out",
    type=GivenPath(file_okay=False),
    help="Folder to write to.  [default: report/ in the results folder]",
)
@click.option(
    "--images",
    metavar="DIR|NAME",
    help="Show the test images of mistakes and disagreements, from this data folder or data set of "
    "a plugin. Do not pass on what you may not.",
)
@click.option(
    "--ensemble",
    multiple=True,
    metavar="MODEL|PATTERN",
    help="Add the ensemble of all finished runs of these models, like 'vgg*', each network once; "
    "that of each model's seeds is always there. May be repeated.",
)
@click.option(
    "--levels",
    callback=read_levels,
    metavar="LEVEL,…",
    help="Validation accuracies that the time is taken to, like 0.5,0.6,0.65.  [default: chosen "
    "from the runs]",
)
@results_option
@plugin_option
@rare_collections()
def report(
    keys: tuple[str, ...],
    dataset: str | None,
    models: tuple[str, ...],
    recipe: str,
    seed: int | None,
    out: Path | None,
    images: str | None,
    ensemble: tuple[str, ...],
    levels: tuple[float, ...],
    results: Path,
    plugin: tuple[str, ...],
) -> None:
    """Write a report from stored records: tables, plots and index.html.

    \b
    harness report                                   all runs on the data of the latest one
    harness report --model 'v*' --model convnet      those of some models
    harness report 3f9a 77b0                         runs whose keys begin so (`harness runs list`)

    Where `harness run` compares the runs that it was asked for, this compares every run on one
    data set, or those that are named. Each further model asks for more evidence: report those
    together that belong to one question. Nothing is trained or timed, and of the data only what
    --images asks for is read.
    """
    store = Store(results)
    folder, option = (out, "--out") if out else (store.report_folder, "--results")
    _check_folder(folder, option)
    listing = store.list_runs()
    for problem in listing.problems:
        click.echo(f"warning: {problem}", err=True)
    wanted = Filter(models, recipe, seed=seed)
    named = Filter(models, recipe, dataset or "", seed=seed)
    # Two keys may begin the key of one run.
    found = dict([of_key(listing.records, key, named) for key in keys] if keys else listing.records)
    records = choose(list(found.values()), wanted, dataset, results)
    host = discover((*plugin, *plugin_files()))
    shown = open_images(images, records[0].dataset.fingerprint, host) if images else None
    present(
        store,
        records,
        host,
        folder,
        images=shown,
        ensembles=ensemble,
        levels=levels,
        option=option,
    )


def _check_folder(out: Path, option: str) -> None:
    """Raise `RequestError` where no folder can be: that must not be found out after the table."""
    try:
        # What exists of the folder, or above it.
        found = next(path for path in (out, *out.absolute().parents) if path.exists())
    except OSError as error:
        raise not_writable(out, error, option) from error
    if not found.is_dir():
        raise RequestError(f"cannot write to {out}: {found} is no folder; give another {option}")


def choose(
    records: Sequence[RunRecord], wanted: Filter, dataset: str | None, results: Path
) -> list[RunRecord]:
    """Return the wanted records of one data set: the named one, or that of the latest run.

    What is left out, on other data or on other images under the same name, is said.
    """
    if not records:
        raise RequestError(f"{results} holds no runs; `harness run --all` makes some")
    records = [record for record in records if wanted.matches(record)]
    if not records:
        raise RequestError(f"no such runs in {results}; see `harness runs list`")
    names = {record.dataset.name for record in records}
    if dataset is not None and dataset not in names:
        raise RequestError(f"--dataset: {unknown('data set', dataset, names)}")
    if dataset is not None:
        records = [record for record in records if record.dataset.name == dataset]
    latest = max(records, key=lambda record: record.finished_at).dataset
    others = sorted(names - {latest.name})
    if dataset is None and others:
        click.echo(f"on {latest.name}; --dataset chooses another: {', '.join(others)}", err=True)
    alike = [record for record in records if record.dataset.name == latest.name]
    chosen = [record for record in alike if record.dataset.fingerprint == latest.fingerprint]
    if len(chosen) < len(alike):
        click.echo(
            f"warning: {len(alike) - len(chosen)} of {len(alike)} runs were made on other images "
            f"than the latest, under the same name {latest.name}; they are left out",
            err=True,
        )
    return chosen


@steadfast()
def present(
    store: Store,
    records: Sequence[RunRecord],
    host: Host,
    out: Path,
    broken: Sequence[tuple[str, str]] = (),
    images: "Images | None" = None,
    ensembles: Sequence[str] = (),
    levels: Sequence[float] = (),
    option: str = "--results",
) -> None:
    """Write the report of ``records``, print its table, and say where it lies.

    ``broken`` are names and reasons of what never became a run; ``images`` are those of the test
    split, for the pages of the runs; ``ensembles`` are patterns of models whose runs make one;
    ``levels`` are the validation accuracies that time is taken to, ``option`` says where ``out``
    came from. Raises `RequestError` where that cannot be written.
    """
    from harness.report import compare
    from harness.report.drawn import drawn

    def warn(sentence: str) -> None:
        click.echo(f"warning: {sentence}", err=True)

    comparison = compare(read_entries(store, records, warn), broken, levels)
    with drawn(comparison) as plots:
        # What is loaded here is loaded beside the first plots.
        from rich.console import Console

        from harness.report import print_table, with_ensembles, with_pairs, write_report
        from harness.report.evidence import remembered

        evidence = remembered(read_evidence(store, warn, images))
        comparison = with_ensembles(comparison, evidence, ensembles, warn)
        comparison = with_pairs(comparison, evidence)
        sections = host.report_sections(records, warn)
        # Who waits has something to read.
        print_table(comparison, Console())
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        try:
            index = write_report(
                comparison,
                out,
                sections=sections,
                generated_at=now,
                evidence=evidence,
                plots=plots,
            )
        except OSError as error:
            raise not_writable(out, error, option) from error
    click.echo(f"Report: {index}")
