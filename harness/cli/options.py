"""Options that several commands share."""

import math
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from harness.cli.config import PROJECT, RESULTS, plugin_files, read_settings
from harness.data.printable import no_text
from harness.errors import HarnessError, RequestError

plugin_option = click.option(
    "-p",
    "--plugin",
    multiple=True,
    metavar="MODULE|FILE.py|DIR",
    help="Load a plugin that is not installed: a module, a file or a package's folder. May be "
    "repeated.",
)


def results_folder() -> str:
    """Return the folder of results that the project's settings name, else the usual one."""
    found = read_settings(None).get("results", RESULTS)
    if not isinstance(found, str):
        raise RequestError(f"{PROJECT}: results must be a path in quotes, not {found!r}")
    return found


class GivenPath(click.Path):
    """A `pathlib.Path` that is not empty: that would be the working folder."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Refuse an empty word: it is a mistake, often an unset variable."""
        if not os.fspath(value):
            self.fail("it is empty, expected a path (is a variable unset?)", param, ctx)
        return super().convert(value, param, ctx)


def text_path(_: click.Context, option: click.Parameter, path: Path) -> Path:
    """Return a path that records can name; one that is no UTF-8 they cannot."""
    if name := no_text(path):
        raise RequestError(
            f"{option.opts[0]} {name}: the name is no UTF-8, as records need it; give another"
        )
    return path


results_option = click.option(
    "--results",
    callback=text_path,
    type=GivenPath(file_okay=False),
    default=results_folder,
    show_default=RESULTS,
    help="Folder that keeps the records of runs and speeds.",
)


def model_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> Iterable[str]:
    """Return the models and aliases that begin like ``incomplete``, for the shell."""
    from harness.plugins import discover

    paths = [*(ctx.params.get("plugin") or ())]
    with suppress(HarnessError):  # The command says what is wrong with a file of settings.
        paths += plugin_files(ctx.params.get("config"))
    models = [model for model, _ in discover(paths).models]
    words = [word for model in models for word in (model.name, *model.aliases)]
    return [word for word in words if word.startswith(incomplete)]


def read_data(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """Return the words of ``--data``; that they are empty is a mistake, often an unset variable."""
    if value is not None and not value.strip():
        raise RequestError(
            "--data is empty, expected a folder or the name of a data set; leave the option out "
            "for the built-in data"
        )
    return value or ""


def not_writable(out: Path, error: OSError, option: str = "--out") -> RequestError:
    """Return the error for a folder that cannot be written; ``option`` says where it came from."""
    return RequestError(f"cannot write to {out}: {error.strerror or error}; give another {option}")


def finite(_: click.Context, __: click.Parameter, value: float) -> float:
    """Return a number that is neither infinite nor none, both of which a range lets through."""
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is no finite number")
    return value


_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>[smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_duration(text: str | None) -> float | None:
    """Read ``90``, ``90s``, ``10m`` or ``2h`` as seconds. Raises `RequestError` otherwise."""
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    if not match or float(match["number"]) == 0:
        raise RequestError(f"--timeout {text}: give a time above 0 like 90s, 10m or 2h")
    return float(match["number"]) * _SECONDS[match["unit"]]
