"""How modules lie in memory, for networks as people write them."""

import pytest
import torch
from safetensors.torch import load_model, save_model
from torch import nn

from harness.execute.layout import lay_out
from harness.train.checkpoint import Checkpoints

CPU = torch.device("cpu")
SHAPE = (1, 8, 8)


class Viewing(nn.Module):
    """A network as in many a tutorial: ``view`` behind convolutions, and a number at random."""

    def __init__(self, channels=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.classifier = nn.Linear(4 * 16, 3)

    def forward(self, images):
        maps = nn.functional.max_pool2d(self.conv(images), 2)
        return self.classifier(maps.view(maps.size(0), -1)) + 0 * torch.rand(1)


class Flat(nn.Module):
    """A linear layer over the pixels, with whatever else a test gives it."""

    def __init__(self):
        super().__init__()
        self.classifier = nn.Linear(64, 3)

    def forward(self, images):
        return self.classifier(images.flatten(1))


def test_convolutions_lie_in_channels_last():
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 36, 3))
    lay_out(module, (3, 8, 8), CPU)
    assert module[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert not module[0].weight.is_contiguous()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_network_that_views_is_given_contiguous_memory(channels, capsys):
    module = Viewing(channels)
    images = torch.rand(5, channels, 8, 8)
    expected = module(images)
    lay_out(module, (channels, 8, 8), CPU)
    found = module(images.to(memory_format=torch.channels_last))
    assert torch.equal(found, expected)
    found.sum().backward()
    assert "the model asks for contiguous memory (view)" in capsys.readouterr().err


def test_nothing_is_said_of_other_networks(capsys):
    lay_out(Flat(), SHAPE, CPU)
    assert capsys.readouterr() == ("", "")


def test_random_numbers_go_on_as_if_nothing_had_been_predicted():
    module = Viewing()
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    lay_out(module, SHAPE, CPU)
    assert torch.equal(torch.rand(3), expected)


def test_what_sets_itself_up_by_its_first_images_has_seen_none():
    class First(Flat):
        seen = None

        def forward(self, images):
            self.seen = images if self.seen is None else self.seen
            return super().forward(images)

    module = First()
    lay_out(module, SHAPE, CPU)
    assert module.seen is None


def test_lazy_weights_become_weights_that_the_seed_says():
    def made():
        torch.manual_seed(3)
        module = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(3))
        module[2].eval()
        lay_out(module, SHAPE, CPU)
        return module

    module, again = made(), made()
    assert module[0].weight.shape == (4, 1, 3, 3)
    assert module[2].weight.shape == (3, 4 * 36)
    assert torch.equal(module[2].weight, again[2].weight)
    assert (module.training, module[2].training) == (True, False)


def test_volumes_keep_their_order():
    module = Flat()
    module.register_buffer("volume", torch.rand(2, 3, 4, 5, 6))
    lay_out(module, SHAPE, CPU)
    assert module.volume.is_contiguous()


class Uncopied(Flat):
    """A module that refuses to be copied."""

    def __deepcopy__(self, memo):
        raise TypeError("no copies")


@pytest.mark.parametrize("module", [nn.Linear(5, 3), Uncopied()], ids=["no use", "no copy"])
def test_another_error_is_left_to_whoever_predicts(module):
    lay_out(module, SHAPE, CPU)
    assert all(parameter.isfinite().all() for parameter in module.parameters())


def with_parts_of(table):
    """Return a module with some rows of a table, as buffer and parameters, and a spread number."""
    module = Flat()
    module.register_buffer("rows", table[:3])
    module.first, module.second = nn.Parameter(table[3:5]), nn.Parameter(table[5:7])
    module.register_buffer("spread", table[9, 0].view(1, 1, 1).expand(3, 1, 1))
    return module


def test_parts_of_a_larger_memory_can_be_saved(tmp_path):
    module, other = with_parts_of(torch.rand(10, 4)), with_parts_of(torch.zeros(10, 4))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    for one in (module, other):
        lay_out(one, SHAPE, CPU)
    save_model(module, str(tmp_path / "weights"))
    load_model(other, str(tmp_path / "weights"))
    for name, value in other.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_filters_that_are_tied_by_their_memory_stay_tied():
    one, other, alone = (nn.Conv2d(3, 3, 3) for _ in range(3))
    other.weight = nn.Parameter(one.weight.data)
    module = nn.Sequential(one, other, alone, nn.Flatten(), nn.LazyLinear(3))
    lay_out(module, (3, 8, 8), CPU)
    one.weight.data.fill_(2.0)
    assert (other.weight == 2.0).all()
    assert alone.weight.is_contiguous(memory_format=torch.channels_last)


def test_tied_weights_stay_tied():
    module = Flat()
    module.tied = nn.Linear(64, 3)
    module.tied.weight = module.classifier.weight
    module.register_buffer("seen", module.classifier.weight.data[1:])
    lay_out(module, SHAPE, CPU)
    assert module.tied.weight is module.classifier.weight
    module.classifier.weight.data.fill_(2.0)
    assert (module.seen == 2.0).all()


def test_a_sparse_buffer_lies_in_no_one_memory():
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    module.register_buffer("graph", torch.eye(4).to_sparse())
    lay_out(module, (1, 8, 8), torch.device("cpu"))
    assert module.graph.layout == torch.sparse_coo


def test_a_convolution_that_stands_twice_can_be_saved(tmp_path):
    def net():
        shared = nn.Conv2d(8, 8, 3, padding=1)
        return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), shared, nn.ReLU(), shared)

    module, other = net(), net()
    for one in (module, other):
        lay_out(one, SHAPE, CPU)
    Checkpoints(tmp_path).save_best(module)
    Checkpoints(tmp_path).load_best(other)
    assert torch.equal(other[1].weight, module[1].weight)
    assert other[3] is other[1]
