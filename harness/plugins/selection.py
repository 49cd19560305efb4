"""Read what the user selects: ``name[argument=value]`` and ``-o [model.]field=value``.

``|`` between values makes a grid of them in both.
"""

import itertools
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from harness.errors import RequestError, unknown
from harness.schema import Recipe, explain

# Of each name, the texts among which a grid has its values.
Grid = dict[str, list[str]]

_SELECTION = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<arguments>[^\[\]]*)\])?")


@dataclass(frozen=True)
class Choice:
    """A selected name with the arguments that the user set for it, as text."""

    name: str
    arguments: dict[str, str] = field(default_factory=dict)


def parse_selection(text: str) -> Choice:
    """Read ``name`` or ``name[a=1,b=x]``. Raises `RequestError` where it is neither."""
    match = _SELECTION.fullmatch(text.strip())
    if not match:
        raise RequestError(f"cannot read {text!r}; write it as name or 'name[argument=value]'")
    arguments: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in (match["arguments"] or "").split(","))):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            raise RequestError(f"{text!r}: {part!r} needs a value; write 'name[argument=value]'")
        if name in arguments:
            raise RequestError(f"{text!r}: argument {name!r} is set twice")
        arguments[name] = value
    return Choice(match["name"].strip(), arguments)


def expand(choice: Choice) -> list[Choice]:
    """Return one choice for each combination of values that ``|`` parts."""
    grid = {name: _alternatives(text) for name, text in choice.arguments.items()}
    return [Choice(choice.name, values) for values in combinations(grid)]


def combinations(grid: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return every way to take one value of each name."""
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _alternatives(text: str) -> list[str]:
    return [part.strip() for part in text.split("|")]


def parse_value(text: str) -> bool | int | float | str | None:
    """Read a number, ``true``, ``false`` or ``none``; anything else is text."""
    text = text.strip()
    words: dict[str, bool | None] = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        # No JSON file can hold an infinity.
        return value if isinstance(value, int) or math.isfinite(value) else text
    return text


def check_arguments(kind: str, choice: Choice, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chosen arguments, in order of their names, as the types of their defaults.

    Raises `RequestError` for a name that ``defaults`` lacks, or a value of another type.
    """
    checked = {}
    for name, text in sorted(choice.arguments.items()):
        if name not in defaults:
            raise RequestError(f"{kind} {choice.name}: {unknown('argument', name, defaults)}")
        checked[name] = _as_type_of(defaults[name], text, f"{kind} {choice.name}: argument {name}")
    return checked


def _as_type_of(default: Any, text: str, where: str) -> Any:
    if isinstance(default, str):
        return text
    value = parse_value(text)
    if default is None or type(value) is type(default):
        return value
    if isinstance(default, float) and type(value) is int and math.isfinite(float(text)):
        return float(text)
    if type(default) is int and isinstance(value, float) and value.is_integer():
        return int(value)
    raise RequestError(f"{where} must be {type(default).__name__} like {default!r}, not {text!r}")


def parse_options(
    options: Iterable[str],
    models: Mapping[str, str],
    others: Collection[str] = (),
    place: str = "-o",
) -> dict[str, dict[str, list[str]]]:
    """Read ``-o`` options into ``{model name, or "" for all: {recipe field: texts}}``.

    ``models`` maps the selected models' names and aliases to their names; what is set for one of
    the ``others`` is left out. ``place`` says in errors where the options stand. Raises
    `RequestError` for a field that recipes lack, or a model in neither.
    """
    parsed: dict[str, Grid] = {}
    for option in options:
        left, equals, value = option.partition("=")
        # A model's name may hold dots, a recipe's field never does.
        model, _, name = left.strip().rpartition(".")
        if not equals:
            raise RequestError(f"{place} {option}: needs a value; write it as -o field=value")
        if name not in Recipe.model_fields:
            raise RequestError(
                f"{place} {option}: {unknown('recipe field', name, Recipe.model_fields)}"
            )
        if model in others:
            continue
        if model and model not in models:
            raise RequestError(f"{place} {option}: {_unknown_model(model, models, others)}")
        # Of a field that is set twice the last one counts, so that scripts can be overridden.
        parsed.setdefault(models.get(model, ""), {})[name] = _alternatives(value)
    return parsed


def _unknown_model(name: str, models: Iterable[str], others: Collection[str]) -> str:
    return unknown("model" if others else "selected model", name, [*models, *others])


def parse_recipes(
    words: Iterable[str], models: Mapping[str, str], others: Collection[str] = ()
) -> Grid:
    """Read ``--recipe`` words into ``{model name, or "" for all: names of recipes}``.

    ``models`` and ``others`` are those of `parse_options`. Raises `RequestError` for a model that
    is in neither, or for no name of a recipe.
    """
    parsed: Grid = {}
    for word in words:
        left, _, right = word.rpartition("=")
        model, names = left.strip(), _alternatives(right)
        if not all(names) or ("=" in word and not model):
            raise RequestError(
                f"--recipe {word}: names no recipe; write it as --recipe NAME or MODEL=NAME"
            )
        if model in others:
            continue
        if model and model not in models:
            raise RequestError(f"--recipe {word}: {_unknown_model(model, models, others)}")
        parsed.setdefault(models.get(model, ""), []).extend(names)
    return parsed


def change_recipe(recipe: Recipe, changes: Mapping[str, str], where: str) -> Recipe:
    """Return the changed recipe. Raises `RequestError` for a value that is out of range."""
    try:
        return Recipe.model_validate({**recipe.model_dump(), **changes})
    except ValidationError as error:
        raise RequestError(f"{where}: {explain(error)}") from error
