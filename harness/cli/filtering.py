"""Which stored runs a command means: those that its options tell, or whose keys it names."""

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.errors import RequestError
from harness.schema import STATUSES, RunRecord
from harness.schema.summary import RunSummary

# A record, or what a list shows of it.
Run = TypeVar("Run", RunRecord, RunSummary)


@dataclass(frozen=True)
class Filter:
    """Which runs are meant; what is empty asks nothing. Names may be wildcards."""

    models: tuple[str, ...] = ()
    recipe: str = ""
    dataset: str = ""
    status: str | None = None
    seed: int | None = None

    def matches(self, record: RunRecord | RunSummary) -> bool:
        """Whether the record is one of those that are meant."""
        return (
            any(fnmatch.fnmatch(record.model, model) for model in self.models or ("*",))
            and fnmatch.fnmatch(record.recipe_name, self.recipe or "*")
            and fnmatch.fnmatch(record.dataset.name, self.dataset or "*")
            and self.status in (None, record.status)
            and self.seed in (None, record.seed)
        )


def model_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--model``."""
    return click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME",
        help="Only this model; wildcards. May be repeated.",
    )(command)


def recipe_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--recipe``."""
    return click.option(
        "--recipe", default="", metavar="NAME", help="Only this recipe; wildcards."
    )(command)


def seed_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--seed``."""
    return click.option("--seed", type=int, help="Only this seed.")(command)


def dataset_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--dataset``."""
    return click.option(
        "--dataset", default="", metavar="NAME", help="Only on this data; wildcards."
    )(command)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all options that make a `Filter`."""
    for option in (
        seed_option,
        click.option("--status", type=click.Choice(STATUSES), help="Only these."),
        dataset_option,
        recipe_option,
        model_option,
    ):
        command = option(command)
    return command


def of_key(
    found: Sequence[tuple[Path, Run]], key: str, wanted: Filter | None = None
) -> tuple[Path, Run]:
    """Return the run whose key begins so; of several, the one that is wanted.

    Raises `RequestError` where it is not exactly one.
    """
    if not key:
        raise RequestError("KEY is empty, expected the beginning of a key; see `harness runs list`")
    those = [item for item in found if item[1].key.startswith(key)]
    if len(those) > 1 and wanted:
        # The same images under two names give runs of the same key.
        those = [item for item in those if wanted.matches(item[1])] or those
    if len(those) == 1:
        return those[0]
    if not those:
        raise RequestError(f"no run has a key that begins with {key!r}; see `harness runs list`")
    listed = ", ".join(f"{record.key[:12]} on {record.dataset.name}" for _, record in those[:5])
    raise RequestError(f"{len(those)} runs have keys that begin with {key!r}: {listed}")
