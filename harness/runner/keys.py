"""Keys: equal for two runs exactly when their results must be."""

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from harness.runner.revisions import revisions
from harness.schema import PluginCard, Protocol, Recipe, device_kind, step_size

# The recipe's fields that training does not depend on.
EVALUATED = ("tta",)

# The recipe's fields that the timed training step or prediction depends on.
TIMED = (
    "batch_size",
    "optimizer",
    "momentum",
    "nesterov",
    "weight_decay",
    "weight_decay_on",
    "label_smoothing",
    "tta",
)


def digest(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of ``parts`` in canonical JSON."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def common_parts(
    plugin: PluginCard,
    model: str,
    arguments: Mapping[str, Any],
    recipe: Recipe,
    *,
    device: str,
    precision: str,
    threads: int,
    votes: str | None = None,
    own_optimizer: bool = False,
) -> dict[str, Any]:
    """Return what both keys of a run cover.

    ``votes`` is the SHA-256 of the data's votes; ``own_optimizer`` says whether the model brings an
    optimizer, which may heed any field.
    """
    kind = device_kind(device)
    changes = revisions(recipe, kind, precision)
    return {
        "plugin": plugin.sha256,
        "model": model,
        "arguments": dict(arguments),
        "recipe": _changed(recipe, votes, own_optimizer),
        "device": kind,
        "precision": precision,
        "threads": threads,
        "torch": metadata.version("torch"),
        # What no change concerns keeps its key.
        **({"revisions": list(changes)} if changes else {}),
    }


def _changed(recipe: Recipe, votes: str | None, own_optimizer: bool) -> dict[str, Any]:
    """Return the fields that have an effect and differ from the defaults.

    Thus a field that comes to the recipe later changes no key; who changes what a default means
    raises the version of the protocol. The data's fingerprint does not cover its votes: where they
    are trained on, their hash stands for them.
    """
    defaults = Recipe().model_dump(mode="json")
    fields = recipe.model_dump(mode="json").items()
    idle = recipe.without_effect(own_optimizer=own_optimizer)
    changed = {k: value for k, value in fields if value != defaults[k] and k not in idle}
    return {**changed, "targets": f"votes {votes}"} if "targets" in changed else changed


def run_key(common: Mapping[str, Any], fingerprint: str, seed: int) -> str:
    """Return the key of a run on the data of this fingerprint."""
    protocol = Protocol().version
    return digest({**common, "data": fingerprint, "seed": seed, "protocol": protocol})


def train_key(common: Mapping[str, Any], fingerprint: str, seed: int) -> str:
    """Return what runs have in common that end with the same weights: the key of the plain one."""
    recipe = {name: value for name, value in common["recipe"].items() if name not in EVALUATED}
    return run_key({**common, "recipe": recipe}, fingerprint, seed)


def speed_key(
    common: Mapping[str, Any],
    recipe: Recipe,
    input_shape: tuple[int, ...],
    classes: int,
    counts: Mapping[str, int],
) -> str:
    """Return the key of a speed: only what a timed step or a prediction does can change it.

    ``counts`` are the images of the splits: no step has more than there are.
    """
    step = {name: value for name, value in common["recipe"].items() if name in TIMED}
    if (size := step_size(recipe, counts)) < recipe.batch_size:
        step["batch_size"] = size
    # A model that is never trained has no training step to time.
    step["trained"] = recipe.epochs > 0
    return digest({**common, "recipe": step, "shape": [*input_shape, classes]})
