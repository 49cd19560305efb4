"""Settings from a TOML file: the words of the command line, which itself wins."""

import tomllib
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from harness.errors import RequestError, unknown

PROJECT = Path("pyproject.toml")
RESULTS = "results"


def read_settings(path: Path | None) -> dict[str, Any]:
    """Return the settings of ``path``, or of ``[tool.harness]`` in the folder's pyproject.toml.

    Raises `RequestError` where the file is missing, no TOML, or has no table at that place.
    """
    if path is None and not PROJECT.is_file():
        return {}
    where = path or PROJECT
    document = _parse(where)
    if where.name == PROJECT.name:
        for name in ("tool", "harness"):
            document = document.get(name, {})
            if not isinstance(document, dict):
                raise RequestError(
                    f"{where}: {name} must be a table like [tool.harness], not {document!r}"
                )
    return document


def plugin_files(path: Path | None = None) -> tuple[str, ...]:
    """Return the plugins in the folders of the setting ``plugin-dirs``, as ``-p`` takes them.

    The folders are seen from the file's own. Paths are absolute: ``-p net`` would be a module.
    """
    base = (path or PROJECT).parent
    folders = read_settings(path).get("plugin-dirs", [])
    if not isinstance(folders, list):
        raise RequestError(f"plugin-dirs must be a list of folders, not {folders!r}")
    return tuple(
        str(found.resolve()) for folder in folders for found in _plugins_in(base / str(folder))
    )


def apply_settings(ctx: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Make a file's settings the defaults of the command (a callback of ``--config``)."""
    settings = read_settings(path)
    settings.pop("plugin-dirs", None)
    where = path or PROJECT
    names = {_word(parameter): parameter for parameter in ctx.command.params}
    del names["config"]
    for word in settings:
        if word not in names:
            raise RequestError(f"{where}: {unknown('setting', word, [*names, 'plugin-dirs'])}")
    given = {
        str(names[word].name): _value(names[word], value, where) for word, value in settings.items()
    }
    # A file of its own replaces the project's table, and with it where that keeps its results.
    ctx.default_map = {"results": RESULTS, **given}
    return path


def options_meant(options: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the options of the command line, which win, and those of the file that stay.

    A field that the command line sets for all models is no longer set for one by the file; a
    ``--quick`` there sets the epochs.
    """
    ctx = click.get_current_context()
    typed = options if _is_typed(ctx, "options") else ()
    settled = {_left(option) for option in typed}
    if _is_typed(ctx, "quick"):
        settled.add("epochs")
    files = (ctx.default_map or {}).get("options", ())
    # A model's name may hold dots, a recipe's field never does.
    return typed, tuple(one for one in files if _left(one).rpartition(".")[2] not in settled)


def recipes_meant(recipes: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the recipes of the command line, and those of the file where it names none."""
    ctx = click.get_current_context()
    return (recipes, ()) if _is_typed(ctx, "recipes") else ((), recipes)


def models_meant(models: tuple[str, ...], every: bool) -> tuple[tuple[str, ...], bool]:
    """Return the models and whether all are meant: the command line's words, or else the file's."""
    ctx = click.get_current_context()
    typed_models, typed_every = models and _is_typed(ctx, "models"), _is_typed(ctx, "every")
    if typed_models or typed_every:
        return (models if typed_models else ()), typed_every
    # Read here: before 8.3, click took an argument without a word for one that was typed.
    return tuple((ctx.default_map or {}).get("models", ())), every


def _word(parameter: click.Parameter) -> str:
    """Return what a file calls a parameter: its long option without dashes, or its own name."""
    longest = max(parameter.opts, key=len)
    return longest.lstrip("-") if longest.startswith("--") else str(parameter.name)


def _is_typed(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _left(option: str) -> str:
    return option.partition("=")[0].strip()


def _value(parameter: click.Parameter, value: Any, where: Path) -> Any:
    if isinstance(value, dict) and parameter.name in ("options", "recipes"):
        # option = {epochs = 5, "vgg.epochs" = 3}, recipe = {vgg = "strong"}
        for name, item in value.items():
            if isinstance(item, dict):
                inner = next(iter(item), "epochs")
                raise RequestError(
                    f"{where}: {_word(parameter)} {name} must be a value, not {item!r}; a name "
                    f'with a dot is written in quotes, like "{name}.{inner}"'
                )
        return [f"{name}={_text(item)}" for name, item in value.items()]
    values = value if isinstance(value, list) else [value]
    if any("\0" in str(one) for one in values):
        raise RequestError(
            f"{where}: {_word(parameter)} holds a NUL, which no word of a command can; take it out"
        )
    several = parameter.multiple or parameter.nargs == -1
    if isinstance(value, list) and several:
        return [str(item) for item in value]
    if isinstance(value, list) and parameter.name == "seeds":
        # seeds = [0, 7]
        return ",".join(map(str, value)) + ","
    kinds, words = _kinds(parameter)
    # A bool is an int, and no number that anybody means.
    if type(value) not in kinds:
        raise RequestError(f"{where}: {_word(parameter)} must be {words}, not {value!r}")
    text = value if isinstance(value, bool) else str(value)
    return [text] if several else text


def _kinds(parameter: click.Parameter) -> tuple[tuple[type, ...], str]:
    """Return the kinds of a single value that a parameter may have in a file, and their names."""
    if getattr(parameter, "is_flag", False):
        return (bool, str), "true or false"
    if isinstance(parameter.type, click.Path):
        return (str,), "a path in quotes"
    return (str, int, float), "a text or a number"


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
    found = [*folder.glob("*.py"), *(path.parent for path in folder.glob("*/__init__.py"))]
    return sorted(path for path in found if not path.name.startswith(("_", ".")))
