"""What model and data-set plugins share: the form of a name, and arguments read off a function."""

import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.errors import PluginError, unknown

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
PLAIN = (bool, int, float, str, type(None))  # What users may set where the default is None.
KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_name(kind: str, name: str) -> None:
    """Raise `PluginError` unless ``name`` matches ``[a-z0-9][a-z0-9._-]*``."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PluginError(
            f"{kind} name {name!r} must be lower-case letters, digits, '.', '_' or '-', "
            "and begin with a letter or digit"
        )


def check_summary(kind: str, name: str, summary: str) -> None:
    """Raise `PluginError` unless the summary is text: `harness list` prints it."""
    if not is_text(summary):
        raise PluginError(f"summary of {kind} {name!r} must be a str, not {summary!r}")


def is_text(value: object) -> bool:
    """Whether a value is a text that every document can hold: UTF-8 has no half characters."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def keyword_arguments(function: Callable[..., Any], positional: int) -> dict[str, Any]:
    """Return the arguments after the first ``positional`` ones, with their defaults.

    A default is of the type that users may set: a float where the annotation says so, though
    ``0`` was written, and Python's own number where it is one of numpy's. Raises `PluginError`
    where an argument has no default or cannot be set by its name, or the function takes ``*args``
    or ``**kwargs``, since the arguments that a user may set would then be unknown.
    """
    where = getattr(function, "__qualname__", repr(function))
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise PluginError(f"the arguments of {where} cannot be read; wrap it in a def") from error
    first = [item for item in parameters[:positional] if item.kind in POSITIONAL]
    if len(first) < positional:
        raise PluginError(f"{where} must take {positional} positional arguments before its own")
    arguments = {}
    for parameter in parameters[positional:]:
        if parameter.kind not in KEYWORD:
            raise PluginError(f"{where} must name its arguments instead of taking '{parameter}'")
        if parameter.default is parameter.empty:
            raise PluginError(f"argument {parameter.name!r} of {where} needs a default")
        arguments[parameter.name] = _plain(parameter)
    return arguments


def check_values(
    where: str, values: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return values for arguments, as the types of the arguments' defaults.

    Raises `PluginError` where they are no mapping, for a name that ``defaults`` lacks, and for a
    value of another type.
    """
    if not isinstance(values, Mapping):
        raise PluginError(f"{where}: its arguments must be a dict, not {values!r}")
    checked = {}
    for name, value in values.items():
        if name not in defaults:
            raise PluginError(f"{where}: {unknown('argument', str(name), defaults)}")
        default = defaults[name]
        if type(default) is float and type(value) is int:
            value = float(value)
        if type(value) is not type(default) and not (default is None and type(value) in PLAIN):
            raise PluginError(
                f"{where}: argument {name} must be {type(default).__name__} like {default!r}, "
                f"not {value!r}"
            )
        if not _is_writable(value):
            raise PluginError(
                f"{where}: argument {name} cannot be {value!r}: no command can say that"
            )
        checked[name] = value
    return checked


def _is_writable(value: object) -> bool:
    """Whether a value can stand in ``name[argument=value]`` and is read from there again."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or (is_text(value) and not set(value) & set(",[]|"))


def _plain(parameter: inspect.Parameter) -> Any:
    default = parameter.default
    if type(default).__module__ == "numpy" and getattr(default, "shape", None) == ():
        default = default.item()
    # Where annotations are postponed, they are texts.
    annotated = parameter.annotation in (float, "float")
    return float(default) if annotated and type(default) is int else default
