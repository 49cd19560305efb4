"""The command that repeats one run; it stands in every record, without absolute paths."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.tensors.device import Policy


@dataclass(frozen=True)
class Words:
    """What the command of a run says of its model, data and recipe.

    ``plugins`` are ``-p`` options, ``data`` is what followed ``--data``, or nothing.
    """

    model: str
    arguments: Mapping[str, Any]
    plugins: tuple[str, ...]
    data: str
    recipe: str
    overrides: Mapping[str, Any]


def command_line(words: Words, policy: Policy, seed: int) -> str:
    """Return ``harness run …`` for one model and seed."""
    parts = ["harness", "run", model_words(words.model, words.arguments)]
    for plugin in words.plugins:
        parts += ["-p", relative(plugin)]
    if words.data:
        parts += ["--data", relative(words.data)]
    if words.recipe != "default":
        parts += ["--recipe", words.recipe]
    for name, value in words.overrides.items():
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
    """Return a path as seen from the working folder; of one that lies elsewhere, its name."""
    path = Path(words)
    if not path.is_absolute():
        return words
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
