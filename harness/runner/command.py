"""The command that repeats one run; it stands in every record, without absolute paths."""

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.tensors.device import Policy


def command_line(
    model: str,
    arguments: Mapping[str, Any],
    policy: Policy,
    seed: int,
    *,
    plugins: Iterable[str],
    data: str,
    recipe: str,
    overrides: Mapping[str, Any],
) -> str:
    """Return ``harness run …`` for one model and seed.

    ``plugins`` are ``-p`` options, ``data`` is what followed ``--data``, or nothing.
    """
    parts = ["harness", "run", model_words(model, arguments)]
    for plugin in plugins:
        parts += ["-p", relative(plugin)]
    if data:
        parts += ["--data", relative(data)]
    if recipe != "default":
        parts += ["--recipe", recipe]
    for name, value in overrides.items():
        parts += ["-o", f"{name}={value}"]
    # They are part of the key: on another machine, auto would choose others.
    parts += ["--device", policy.device, "--precision", policy.precision]
    parts += ["--threads", str(policy.threads)]
    # `--seeds 3` would mean the seeds 0, 1 and 2.
    parts += ["--seeds", f"{seed},"]
    return shlex.join(parts)


def model_words(model: str, arguments: Mapping[str, Any]) -> str:
    """Return how a model is selected with its arguments: ``vgg[width=16]``."""
    inner = ",".join(f"{name}={value}" for name, value in arguments.items())
    return f"{model}[{inner}]" if inner else model


def relative(words: str) -> str:
    """Return a path as seen from the working folder; of one that lies elsewhere, its name.

    ``PATH/TO`` before it says that the rest is to be filled in. A bare name might be another data
    set's, or a module's. Of ``name[argument=path]`` each argument is such a path.
    """
    name, bracket, arguments = words.partition("[")
    if bracket and words.endswith("]") and "/" not in name and "\\" not in name:
        parts = (part.partition("=") for part in arguments.removesuffix("]").split(","))
        inner = ",".join(f"{key}{equals}{relative(value)}" for key, equals, value in parts)
        return f"{name}[{inner}]"
    path = Path(words)
    if not path.is_absolute():
        return words
    return (
        str(path.relative_to(Path.cwd()))
        if path.is_relative_to(Path.cwd())
        else f"PATH/TO/{path.name}"
    )
