import torch
from torch import nn

from harness.schema import Recipe
from harness.train.optim import make_optimizer


def test_the_default_is_sgd_with_momentum_over_200_epochs() -> None:
    recipe = Recipe()
    optimizer = make_optimizer(nn.Linear(2, 2), recipe)
    assert type(optimizer) is torch.optim.SGD
    assert optimizer.defaults["momentum"] == 0.9
    assert recipe.epochs == 200


def test_every_field_of_sgd_reaches_torch() -> None:
    recipe = Recipe(learning_rate=0.3, momentum=0.8, nesterov=True, weight_decay=0.01)
    found = make_optimizer(nn.Linear(2, 2), recipe).defaults
    expected = {"lr": 0.3, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}
    assert {name: found[name] for name in expected} == expected


def test_adamw_is_torchs() -> None:
    recipe = Recipe(optimizer="AdamW", learning_rate=0.001, weight_decay=0.02)
    optimizer = make_optimizer(nn.Linear(2, 2), recipe)
    assert type(optimizer) is torch.optim.AdamW
    assert (optimizer.defaults["lr"], optimizer.defaults["weight_decay"]) == (0.001, 0.02)


def test_a_module_without_parameters_gets_an_optimizer() -> None:
    assert make_optimizer(nn.Flatten(), Recipe()).param_groups
