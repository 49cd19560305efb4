"""The command that repeats one run; it stands in every record, without absolute paths."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from harness.tensors.device import Policy


class Words(Protocol):
    """The words of the request that a command repeats."""

    @property
    def plugins(self) -> tuple[str, ...]:
        """The ``-p`` options."""

    @property
    def data_words(self) -> str:
        """What followed ``--data``, or nothing."""


def command_line(
    words: Words,
    policy: Policy,
    model: str,
    arguments: Mapping[str, Any],
    recipe_name: str,
    overrides: Mapping[str, Any],
    seed: int,
) -> str:
    """Return ``harness run …`` for one model and seed."""
    inner = ",".join(f"{name}={value}" for name, value in arguments.items())
    parts = ["harness", "run", f"{model}[{inner}]" if inner else model]
    for plugin in words.plugins:
        parts += ["-p", _relative(plugin)]
    if words.data_words:
        parts += ["--data", _relative(words.data_words)]
    if recipe_name != "default":
        parts += ["--recipe", recipe_name]
    for name, value in overrides.items():
        parts += ["-o", f"{name}={value}"]
    # They are part of the key: on another machine, auto would choose others.
    parts += ["--device", policy.device, "--precision", policy.precision]
    parts += ["--threads", str(policy.threads)]
    # `--seeds 3` would mean the seeds 0, 1 and 2.
    parts += ["--seeds", f"{seed},"]
    return shlex.join(parts)


def _relative(words: str) -> str:
    """Return a path as it was typed; of an absolute one, which is nobody else's, the last name."""
    return Path(words).name if Path(words).is_absolute() else words
