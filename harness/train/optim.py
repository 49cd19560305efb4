"""From a recipe to torch's own optimizer."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from harness.schema import Recipe
from harness.train.muon import MuonWithAdamW


def make_optimizer(
    module: nn.Module, recipe: Recipe, precision: str = "float32"
) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over all parameters of ``module``.

    ``precision`` is that of the run, in which Muon orthogonalises; weights are float32 always.
    A module without parameters has nothing to optimise; it gets a placeholder, so that models
    that only compute can still be evaluated with ``epochs=0``.
    """
    parameters = list(module.parameters()) or [nn.Parameter(torch.zeros(1))]
    if recipe.optimizer == "Muon":
        return MuonWithAdamW(
            parameters,
            learning_rate=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
            groups=lambda others: _groups(others, recipe),
            precision=precision,
        )
    groups = _groups(parameters, recipe)
    if recipe.optimizer == "AdamW":
        return torch.optim.AdamW(groups, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(
        groups,
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )


def _groups(parameters: Sequence[nn.Parameter], recipe: Recipe) -> list[dict[str, Any]]:
    """Return one group, or with ``weight_decay_on=matrices`` one more that does not decay."""
    if recipe.weight_decay_on == "all":
        return [{"params": list(parameters)}]
    matrices = {"params": [value for value in parameters if value.ndim >= 2]}
    vectors = {"params": [value for value in parameters if value.ndim < 2], "weight_decay": 0.0}
    return [group for group in (matrices, vectors) if group["params"]]
