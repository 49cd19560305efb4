"""From a recipe to torch's own optimizer."""

import torch
from torch import nn

from harness.schema import Recipe


def make_optimizer(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over all parameters of ``module``.

    A module without parameters has nothing to optimise; it gets a placeholder, so that models
    that only compute can still be evaluated with ``epochs=0``.
    """
    parameters = list(module.parameters()) or [nn.Parameter(torch.zeros(1))]
    if recipe.optimizer == "AdamW":
        return torch.optim.AdamW(
            parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
    return torch.optim.SGD(
        parameters,
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
