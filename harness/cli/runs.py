"""`harness runs`: what the store holds, as a list, one by one, and out of it."""

import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from harness.cli.filtering import Filter, dataset_option, filter_options, of_key
from harness.cli.options import GivenPath, results_option
from harness.cli.output import steadfast
from harness.documents import is_folder, make_folder
from harness.errors import RequestError, StoreError
from harness.export import export_run
from harness.report.units import counted
from harness.schema.summary import RunSummary
from harness.store import Store

FEW = 20  # Runs that are shown one by one before they are removed.


@click.group()
def runs() -> None:
    """List, show, export and remove stored runs.

    \b
    harness runs list --model 'v*' --status done
    harness runs show 3f9a                           the run whose key begins like this
    harness runs export published --model 'v*'      without weights, for others to see
    harness runs rm --status failed
    """


@runs.command("list")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@results_option
def list_(
    models: tuple[str, ...],
    recipe: str,
    dataset: str,
    status: str | None,
    seed: int | None,
    as_json: bool,
    results: Path,
) -> None:
    """List stored runs: what, how good, how large on disk."""
    found = _find(Store(results), Filter(models, recipe, dataset, status, seed))
    if as_json:
        click.echo(json.dumps([_row(*item) for item in found], indent=2))
        return
    from harness.cli.tables import print_runs

    print_runs([_row(*item) for item in found], results)


@runs.command()
@click.argument("key")
@dataset_option
@click.option("--json", "as_json", is_flag=True, help="Print the whole record.")
@results_option
def show(key: str, dataset: str, as_json: bool, results: Path) -> None:
    """Show one run; KEY is the beginning of its key."""
    store = Store(results)
    folder, _ = of_key(_find(store, Filter()), key, Filter(dataset=dataset))
    record = store.record(folder)
    if as_json:
        click.echo(record.to_json(), nl=False)
        return
    from harness.cli.tables import print_run

    print_run(folder, record, store.robustness(record, _warn))


@runs.command()
@click.argument("folder", type=GivenPath(file_okay=False))
@filter_options
@results_option
def export(
    folder: Path,
    models: tuple[str, ...],
    recipe: str,
    dataset: str,
    status: str | None,
    seed: int | None,
    results: Path,
) -> int:
    """Copy runs into FOLDER, to be published: no weights and no logs.

    Records, epochs, predictions and speeds are copied; from them `harness report --results FOLDER`
    makes the report again. Runs that FOLDER holds already are written anew; one that is done there
    and not here stays.
    """
    store, other = Store(results), Store(folder)
    if folder.resolve() == results.resolve():
        raise RequestError(f"{folder} is the results folder itself; name another one")
    found = _find(store, Filter(models, recipe, dataset, status, seed))
    if not found:
        raise RequestError(f"no such runs in {results}; see `harness runs list`")
    make_folder(folder, "FOLDER")
    copied, code = [], 0
    for place, record in found:
        try:
            if export_run(store, place, other, _warn):
                copied.append(record)
        except StoreError as error:
            _warn(str(error))
            code = 1
    size = sum(_size(other.run_folder(record)) for record in copied)
    click.echo(f"{counted(len(copied), 'run')}, {size / 1e6:.1f} MB, in {folder}")
    return code


@runs.command(short_help="Remove runs, by key or by options.")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@filter_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@results_option
def rm(
    keys: Sequence[str],
    models: tuple[str, ...],
    recipe: str,
    dataset: str,
    status: str | None,
    seed: int | None,
    yes: bool,
    results: Path,
) -> int:
    """Remove runs: those whose keys begin like KEY, or those that the options mean.

    With both, a run is removed if its key begins like a KEY and the options mean it, too.
    """
    store, wanted = Store(results), Filter(models, recipe, dataset, status, seed)
    if not keys and wanted == Filter():
        raise RequestError("name the runs to remove by their keys, or by options like --status")
    every = _find(store, Filter())
    # Two keys may begin the key of one run.
    named = dict([of_key(every, key, wanted) for key in keys] if keys else every)
    found = {folder: record for folder, record in named.items() if wanted.matches(record)}
    with steadfast():
        _announce(found, results)
    if not found or not (yes or _agreed()):
        return 0
    left = 0
    with steadfast():
        for folder, record in found.items():
            try:
                store.remove(record)
            except StoreError as error:
                _warn(str(error))
                left += 1
            else:
                click.echo(f"removed {folder.relative_to(results)}")
    return int(left > 0)


def _warn(sentence: str) -> None:
    click.echo(f"warning: {sentence}", err=True)


def _agreed() -> bool:
    try:
        return click.confirm("remove them?")
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        raise RequestError(
            "nothing was removed, since nobody answered; -y removes without asking"
        ) from None


def _announce(found: Mapping[Path, RunSummary], results: Path) -> None:
    """Say which runs are to be removed, one by one if they are few, and their size."""
    if len(found) <= FEW:
        from harness.cli.tables import print_runs

        print_runs([_row(*item) for item in found.items()], results)
        return
    size = sum(_size(folder) for folder in found)
    click.echo(f"{counted(len(found), 'run')}, {size / 1e6:.1f} MB")


def _find(store: Store, wanted: Filter) -> list[tuple[Path, RunSummary]]:
    if not is_folder(store.root):
        raise RequestError(f"--results {store.root}: there is no such folder")
    listing = store.list_summaries()
    for problem in listing.problems:
        _warn(problem)
    return [item for item in listing.records if wanted.matches(item[1])]


def _row(folder: Path, record: RunSummary) -> dict[str, object]:
    return {
        "key": record.key[:12],
        "model": record.model,
        "arguments": record.arguments,
        "recipe": record.recipe_name,
        "overrides": record.overrides,
        "dataset": record.dataset.name,
        "seed": record.seed,
        "status": record.status,
        "reason": record.reason,
        "epochs": record.recipe.epochs,
        "valid_accuracy": record.valid.accuracy if record.valid else None,
        "test_accuracy": record.test.accuracy if record.test else None,
        "train_seconds": record.cost.train_seconds if record.cost else None,
        "bytes": _size(folder),
        "finished_at": record.finished_at,
    }


def _size(folder: Path) -> int:
    size = 0
    # A run that goes on renames files.
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as files:
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                size += file.stat().st_size if file.is_file() else 0
    return size
