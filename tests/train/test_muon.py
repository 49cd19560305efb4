"""Muon beside AdamW, against torch's own two, and against what orthogonal means."""

import numpy as np
import pytest
import torch
from torch import nn

from harness.schema import Recipe
from harness.train.muon import MuonWithAdamW, hidden_weights, orthogonalised
from harness.train.optim import make_optimizer

RECIPE = Recipe(
    optimizer="Muon", learning_rate=0.02, momentum=0.95, nesterov=True, weight_decay=0.1
)


def network() -> nn.Sequential:
    # Without the bias that batch norm would cancel: AdamW would make large steps of its noise.
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(2, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.Flatten(),
        nn.Linear(32, 6),
        nn.Linear(6, 3),
    )


def backward(module: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    module(torch.randn(5, 2, 4, 4, generator=generator)).square().sum().backward()


def test_complex_matrices_are_left_to_adamw() -> None:
    spectrum = nn.Parameter(torch.zeros(4, 4, dtype=torch.complex64))
    hidden, classifier = nn.Linear(4, 4), nn.Linear(4, 3)
    found = hidden_weights([spectrum, *hidden.parameters(), *classifier.parameters()])
    assert [id(one) for one in found] == [id(hidden.weight)]


def test_hidden_weights_are_matrices_and_filters_but_not_the_last_layers() -> None:
    module = network()
    token = nn.Parameter(torch.zeros(1, 1, 9))
    found = hidden_weights([token, *module.parameters()])
    assert [id(value) for value in found] == [id(module[0].weight), id(module[3].weight)]


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_each_step_is_that_of_torchs_muon_on_matrices_and_of_torchs_adamw(
    memory, native, monkeypatch
) -> None:
    monkeypatch.setattr("harness.train.muon.has_bfloat16", lambda device: native)
    if not native:
        # All else of torch's step, beside what is the same in another type.
        iteration = "torch.optim._muon._zeropower_via_newtonschulz"
        monkeypatch.setattr(iteration, orthogonalised)
    module, other = network().to(memory_format=memory), network()
    optimizer = make_optimizer(module, RECIPE, "bfloat16")
    filters = nn.Parameter(other[0].weight.detach().clone().flatten(1))
    muon = torch.optim.Muon(
        [filters, other[3].weight],
        lr=0.02,
        momentum=0.95,
        nesterov=True,
        weight_decay=0.1,
        adjust_lr_fn="match_rms_adamw",
    )
    rest = [*other[1].parameters(), other[3].bias, *other[4].parameters()]
    adamw = torch.optim.AdamW(rest, lr=0.02, weight_decay=0.1)
    for seed in range(3):
        optimizer.zero_grad()
        backward(module, seed)
        other.zero_grad()
        backward(other, seed)
        filters.grad = other[0].weight.grad.flatten(1)
        for each in (optimizer, muon, adamw):
            each.step()
        other[0].weight.data = filters.detach().view_as(other[0].weight).clone()
    for (name, value), expected in zip(module.named_parameters(), other.parameters(), strict=True):
        # In bfloat16 another order of columns rounds otherwise.
        nearly = 2e-3 if native else 1e-5
        torch.testing.assert_close(value, expected, atol=nearly, rtol=0, msg=name)
    assert module[0].weight.is_contiguous(memory_format=memory)


@pytest.mark.parametrize(("native", "precision"), [(False, "bfloat16"), (True, "float32")])
def test_torchs_step_in_bfloat16_is_not_made_where_it_is_emulated_or_unasked(
    monkeypatch, native, precision
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError(
            "it is in bfloat16, and where that is emulated takes fifty times as long"
        )

    monkeypatch.setattr("harness.train.muon.has_bfloat16", lambda device: native)
    monkeypatch.setattr(torch.optim.Muon, "step", refuse)
    module = network()
    optimizer = make_optimizer(module, RECIPE, precision)
    backward(module, 0)
    before = module[0].weight.detach().clone()
    optimizer.step()
    assert not torch.equal(before, module[0].weight)


@pytest.mark.parametrize("shape", [(6, 20), (20, 6), (7, 7)])
def test_the_iteration_in_float32_is_that_of_the_formula(shape) -> None:
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    a, b, c = coefficients = (3.4445, -4.775, 2.0315)
    left, values, right = np.linalg.svd(matrix.double().numpy(), full_matrices=False)
    values /= np.sqrt((values**2).sum())
    for _ in range(5):
        values = a * values + b * values**3 + c * values**5
    expected = (left * values) @ right
    found = orthogonalised(matrix, coefficients, 5, 1e-7)
    torch.testing.assert_close(found.double(), torch.from_numpy(expected), atol=1e-4, rtol=0)
    assert orthogonalised(torch.zeros(3, 4), coefficients, 5, 1e-7).eq(0).all()


def test_the_update_of_a_convolution_is_nearly_orthogonal() -> None:
    module = network()
    before = module[0].weight.detach().clone()
    optimizer = make_optimizer(module, RECIPE.model_copy(update={"weight_decay": 0.0}))
    backward(module, 0)
    gradient = torch.linalg.svdvals(module[0].weight.grad.flatten(1))
    optimizer.step()
    update = torch.linalg.svdvals((module[0].weight.detach() - before).flatten(1))
    # The scale of AdamW: 0.2 × the root of the longer side.
    update /= 0.02 * 0.2 * 18**0.5
    assert 0.4 < update.min() < update.max() < 1.4
    assert gradient.max() / gradient.min() > 4


def test_a_schedule_changes_the_rate_of_all_groups_and_loading_keeps_it_so() -> None:
    optimizer, other = (make_optimizer(network(), RECIPE) for _ in range(2))
    other.load_state_dict(optimizer.state_dict())
    for group in other.param_groups:
        group["lr"] = 0.5
    assert [group["lr"] for part in other._parts for group in part.param_groups] == [0.5, 0.5]


def test_gradients_are_forgotten_and_what_has_none_stays() -> None:
    module = network()
    optimizer = make_optimizer(module, RECIPE)
    backward(module, 0)
    optimizer.zero_grad()
    assert all(value.grad is None for value in module.parameters())
    before = module[0].weight.detach().clone()
    optimizer.step()
    assert torch.equal(module[0].weight, before)


def test_a_closure_is_called_with_gradients_on() -> None:
    module = network()
    optimizer = make_optimizer(module, RECIPE)

    def closure() -> torch.Tensor:
        loss = module(torch.ones(5, 2, 4, 4)).sum()
        loss.backward()
        return loss

    before = module[0].weight.detach().clone()
    assert optimizer.step(closure).requires_grad
    assert not torch.equal(module[0].weight, before)


@pytest.mark.parametrize("module", [nn.Linear(3, 2), nn.BatchNorm1d(3), nn.Flatten()])
def test_a_model_without_hidden_weights_has_adamw_alone(module) -> None:
    optimizer = make_optimizer(module, RECIPE)
    assert isinstance(optimizer, MuonWithAdamW)
    assert [type(part) for part in optimizer._parts] == [torch.optim.AdamW]


def test_what_is_not_trained_is_no_matrix() -> None:
    """Prototypes that stay as they are, or a table of indices, come after the classifier."""
    hidden, classifier = nn.Parameter(torch.ones(4, 3)), nn.Parameter(torch.ones(2, 4))
    prototypes = nn.Parameter(torch.ones(4, 3), requires_grad=False)
    assert hidden_weights([hidden, classifier, prototypes]) == [hidden]
    module = network()
    table = torch.ones(2, 3, dtype=torch.long)
    module.table = nn.Parameter(table, requires_grad=False)
    backward(module, 0)
    make_optimizer(module, RECIPE).step()
    assert torch.equal(module.table, table)


def test_a_single_number_is_no_matrix() -> None:
    """A learned temperature, or the scale of logits."""
    matrices = [nn.Parameter(torch.ones(4, 3)), nn.Parameter(torch.ones(2, 4))]
    parameters = [nn.Parameter(torch.tensor(1.0)), *matrices, nn.Parameter(torch.ones(2))]
    found = hidden_weights(parameters)
    assert len(found) == 1
    assert found[0] is matrices[0]
