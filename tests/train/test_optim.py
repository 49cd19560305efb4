import pytest
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


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW", "Muon"])
def test_weight_decay_on_matrices_spares_biases_and_gains(optimizer) -> None:
    def after_a_step(where: str) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
        for value in module.parameters():
            value.data.fill_(1.0)
            value.grad = torch.zeros_like(value)
        recipe = Recipe(
            optimizer=optimizer, learning_rate=0.5, weight_decay=0.1, weight_decay_on=where
        )
        make_optimizer(module, recipe).step()
        return {name: value.detach().unique().item() for name, value in module.named_parameters()}

    assert list(after_a_step("all").values()) == pytest.approx([0.95] * 6)
    found = after_a_step("matrices")
    assert found.pop("0.weight") == found.pop("2.weight") == pytest.approx(0.95)
    assert set(found.values()) == {1.0}


def test_a_module_of_vectors_alone_may_decay_on_matrices() -> None:
    [group] = make_optimizer(nn.BatchNorm1d(3), Recipe(weight_decay_on="matrices")).param_groups
    assert group["weight_decay"] == 0
