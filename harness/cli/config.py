"""Settings from a TOML file: the words of the command line, which itself wins."""

import tomllib
from pathlib import Path
from typing import Any

import click

from harness.errors import RequestError, unknown

PROJECT = Path("pyproject.toml")


def read_settings(path: Path | None) -> dict[str, Any]:
    """Return the settings of ``path``, or of ``[tool.harness]`` in the folder's pyproject.toml.

    Relative names in it are seen from the file's own folder. Raises `RequestError` where the file
    is missing or no TOML.
    """
    if path is None and not PROJECT.is_file():
        return {}
    document = _parse(path or PROJECT)
    if path is None or path.name == PROJECT.name:
        document = document.get("tool", {}).get("harness", {})
    return document


def plugin_files(path: Path | None = None) -> tuple[str, ...]:
    """Return the plugins in the folders of the setting ``plugin-dirs``, as ``-p`` takes them."""
    base = (path or PROJECT).parent
    folders = read_settings(path).get("plugin-dirs", [])
    if not isinstance(folders, list):
        raise RequestError(f"plugin-dirs must be a list of folders, not {folders!r}")
    return tuple(str(found) for folder in folders for found in _plugins_in(base / str(folder)))


def apply_settings(ctx: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Make a file's settings the defaults of the command (a callback of ``--config``)."""
    settings = read_settings(path)
    settings.pop("plugin-dirs", None)
    names = {_word(parameter): parameter for parameter in ctx.command.params}
    for word in settings:
        if word not in names:
            where = path or PROJECT
            raise RequestError(f"{where}: {unknown('setting', word, [*names, 'plugin-dirs'])}")
    ctx.default_map = {
        str(names[word].name): _value(names[word], value) for word, value in settings.items()
    }
    return path


def _word(parameter: click.Parameter) -> str:
    """Return what a file calls a parameter: its long option without dashes, or its own name."""
    longest = max(parameter.opts, key=len)
    return longest.lstrip("-") if longest.startswith("--") else str(parameter.name)


def _value(parameter: click.Parameter, value: Any) -> Any:
    if isinstance(value, dict):
        # option = {epochs = 5, "vgg.epochs" = 3}
        return [f"{name}={_text(item)}" for name, item in value.items()]
    several = parameter.multiple or parameter.nargs == -1
    if isinstance(value, list):
        return [str(item) for item in value] if several else ",".join(map(str, value)) + ","
    return [str(value)] if several else value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(_text(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(f"--config {path}: {error.strerror}; give a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{path} is no TOML: {error}") from error


def _plugins_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise RequestError(f"plugin-dirs: there is no folder {folder}")
    files = [path for path in folder.glob("*.py") if not path.name.startswith("_")]
    packages = [path.parent for path in folder.glob("*/__init__.py")]
    return sorted([*files, *packages])
