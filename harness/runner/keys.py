"""Keys: equal for two runs exactly when their results must be."""

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from harness.schema import PluginCard, Protocol, Recipe


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
) -> dict[str, Any]:
    """Return what both keys of a run cover."""
    return {
        "plugin": plugin.sha256,
        "model": model,
        "arguments": dict(arguments),
        "recipe": recipe.model_dump(mode="json"),
        # cuda:0 and cuda:1 give the same numbers.
        "device": device.partition(":")[0],
        "precision": precision,
        "threads": threads,
        "torch": metadata.version("torch"),
    }


def run_key(common: Mapping[str, Any], fingerprint: str, seed: int) -> str:
    """Return the key of a run on the data of this fingerprint."""
    protocol = Protocol().version
    return digest({**common, "data": fingerprint, "seed": seed, "protocol": protocol})


def speed_key(common: Mapping[str, Any], input_shape: tuple[int, ...], classes: int) -> str:
    """Return the key of a speed: epochs, seed and the content of the images do not change it."""
    recipe = {name: value for name, value in common["recipe"].items() if name != "epochs"}
    # A model that is never trained has no training step to time.
    recipe["trained"] = common["recipe"]["epochs"] > 0
    shape = [*input_shape, classes]
    return digest({**common, "recipe": recipe, "shape": shape})
