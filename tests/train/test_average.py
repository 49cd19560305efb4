import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from harness.train.average import Average


class Counted(nn.Module):
    """Weights, batch norm's statistics, and a table of indices that no average may touch."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.norm = nn.BatchNorm1d(2)
        self.register_buffer("index", torch.arange(1, 6))
        self.register_buffer("mask", torch.tensor([True, False]))


def stepped(average: Average, module: nn.Module, steps: int = 5) -> list[dict]:
    """Change the module at random and update the average, ``steps`` times."""
    states = []
    for step in range(steps):
        for tensor in (*module.parameters(), module.norm.running_mean, module.norm.running_var):
            generator = torch.Generator().manual_seed(step)
            tensor.data.add_(torch.randn(tensor.shape, generator=generator))
        module.norm.num_batches_tracked += 1
        average.update()
        states.append({name: value.clone() for name, value in module.state_dict().items()})
    return states


def test_weights_and_statistics_follow_the_formula_from_the_first_step_on() -> None:
    module = Counted()
    average = Average(module, 0.7)
    states = stepped(average, module, 40)  # From the 20th on, the decay is what was asked for.
    found = average.module.state_dict()
    for name in ("linear.weight", "linear.bias", "norm.weight", "norm.running_var"):
        expected = states[0][name]
        for n, state in enumerate(states[1:], start=1):
            kept = min(0.7, (1 + n) / (10 + n))
            expected = kept * expected + (1 - kept) * state[name]
        torch.testing.assert_close(found[name], expected)
        assert not torch.allclose(found[name], states[-1][name])


def test_a_short_training_does_not_end_with_the_weights_of_its_beginning() -> None:
    module = nn.Linear(1, 1)
    average = Average(module, 0.999)
    module.weight.data.fill_(0.0)
    average.update()
    module.weight.data.fill_(1.0)
    for _ in range(50):
        average.update()
    assert average.module.weight.item() > 0.99


def test_a_mask_of_infinities_stays_one_and_a_maximum_leaves_its() -> None:
    module = nn.Linear(2, 2)
    mask = torch.triu(torch.full((3, 3), -torch.inf), 1)
    module.register_buffer("mask", mask.clone())
    module.register_buffer("highest", torch.tensor([-torch.inf, 1.0]))
    module.register_buffer("graph", torch.eye(3).to_sparse(), persistent=False)
    module.frozen = nn.Parameter(mask.clone(), requires_grad=False)
    average = Average(module, 0.9)
    for step in range(1, 4):
        module.highest.copy_(torch.tensor([-torch.inf if step < 3 else 5.0, 1.0]))
        average.update()
    found = dict(average.module.named_buffers())
    assert torch.equal(found["mask"], mask)
    assert torch.equal(found["highest"], torch.tensor([5.0, 1.0]))
    assert torch.equal(average.module.frozen, mask)
    assert torch.equal(found["graph"].to_dense(), torch.eye(3))


def test_buffers_that_are_no_floats_are_copied() -> None:
    module = Counted()
    average = Average(module, 0.9)
    stepped(average, module)
    assert average.module.index.tolist() == [1, 2, 3, 4, 5]
    assert average.module.mask.tolist() == [True, False]
    assert average.module.norm.num_batches_tracked == 5


def test_without_a_decay_the_average_is_the_model_itself() -> None:
    module = Counted()
    average = Average(module, 0)
    stepped(average, module)
    assert average.module is module
    assert average.state_dict() == {}
    average.load_state_dict({})


@pytest.mark.parametrize("before", [0, 1, 3])
def test_an_average_goes_on_from_its_state(before) -> None:
    whole, parts = Counted(), Counted()
    parts.load_state_dict(whole.state_dict())
    average, first = Average(whole, 0.6), Average(parts, 0.6)
    stepped(average, whole, before)
    stepped(first, parts, before)
    second = Average(parts, 0.6)
    second.load_state_dict(first.state_dict())
    stepped(average, whole)
    stepped(second, parts)
    for name, value in average.module.state_dict().items():
        assert torch.equal(value, second.module.state_dict()[name]), name


def test_the_count_of_steps_stays_on_the_host_which_reads_it_at_each_step() -> None:
    average = Average(nn.Linear(2, 2, device="meta"), 0.9)
    assert average.state_dict()["n_averaged"].device.type == "cpu"


def test_complex_weights_follow_the_formula_like_real_ones() -> None:
    module = nn.Linear(1, 1, bias=False, dtype=torch.complex64)
    average = Average(module, 0.999)
    module.weight.data.fill_(1 + 2j)
    average.update()
    module.weight.data.fill_(3 - 1j)
    average.update()
    kept = 2 / 11
    assert average.module.weight.item() == pytest.approx(kept * (1 + 2j) + (1 - kept) * (3 - 1j))


class Copies(TorchDispatchMode):
    """Counts how often a tensor is brought to another device, for which a GPU's host waits."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += "_to_copy" in str(function)
        return function(*args, **(kwargs or {}))


def test_nothing_is_brought_to_the_device_at_an_update() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = Average(module, 0.9)
    module.to("meta")
    average.module.to("meta")
    with Copies() as copies:
        average.update()
        average.update()
    assert copies.count == 0


def test_a_buffer_that_a_module_makes_itself_in_training_stops_no_average() -> None:
    module = nn.Linear(2, 2)
    average = Average(module, 0.9)
    module.register_buffer("made", torch.ones(3))
    average.update()
    average.update()
    assert "made" not in dict(average.module.named_buffers())
