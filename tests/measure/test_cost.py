import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from harness.measure.cost import count_flops, count_parameters, peak_memory
from harness_convnet.model import ConvNet
from harness_vgg.model import VGG


def test_parameters_are_those_that_one_counts_by_hand() -> None:
    convolutions = (9 * 1 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128
    linear = (128 * 6 * 6 + 1) * 256 + (256 + 1) * 7
    assert count_parameters(ConvNet((1, 48, 48), 7, 32, 256)) == convolutions + linear


def test_a_shared_parameter_counts_once() -> None:
    module = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    module[1].weight = module[0].weight
    assert count_parameters(module) == 9


def test_flops_are_two_a_multiplication_and_addition() -> None:
    convolutions = 48**2 * 9 * 32 + 24**2 * 9 * 32 * 64 + 12**2 * 9 * 64 * 128
    linear = 4608 * 256 + 256 * 7
    found = count_flops(ConvNet((1, 48, 48), 7, 32, 256), (1, 48, 48))
    assert found == 2 * (convolutions + linear)


class Sequence(nn.Module):
    """Reads an image of 32×32 as 16 steps of 64 numbers."""

    def __init__(self, part: nn.Module, call: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.part, self.call = part, call

    def forward(self, images: Tensor) -> Tensor:
        return self.call(self.part, images.reshape(len(images), 16, 64))


PROJECTIONS, PRODUCTS = 4 * 16 * 64 * 64, 2 * 16 * 16 * 64  # Of attention, in multiplications.
SEQUENCES = {
    "attention": (
        Sequence(
            nn.MultiheadAttention(64, 4, batch_first=True),
            lambda part, x: part(x, x, x, need_weights=False)[0],
        ),
        PROJECTIONS + PRODUCTS,
    ),
    "encoder": (
        Sequence(nn.TransformerEncoderLayer(64, 4, 128, batch_first=True), lambda part, x: part(x)),
        PROJECTIONS + PRODUCTS + 2 * 16 * 64 * 128,
    ),
    "bare attention": (
        Sequence(nn.Identity(), lambda _, x: nn.functional.scaled_dot_product_attention(x, x, x)),
        PRODUCTS,
    ),
    "lstm": (
        Sequence(nn.LSTM(64, 64, batch_first=True), lambda part, x: part(x)[0]),
        16 * 4 * 2 * 64 * 64,
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_attention_and_recurrence_count_as_the_products_that_they_are(name: str) -> None:
    module, multiplications = SEQUENCES[name]
    assert count_flops(module, (1, 32, 32)) == 2 * multiplications
    assert torch.backends.mha.get_fastpath_enabled()
    assert torch.backends.mkldnn.enabled


def test_counting_flops_leaves_batch_norm_alone() -> None:
    module = VGG((1, 16, 16), 3, 4, 0.5)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    count_flops(module, (1, 16, 16))
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_model_that_cannot_be_counted_has_no_flops() -> None:
    class Picky(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise ValueError("only batches of 7")

    assert count_flops(Picky(), (1, 8, 8)) is None


def test_peak_memory_sees_what_was_allocated() -> None:
    before = peak_memory(torch.device("cpu"))
    grown = torch.ones(before // 4 + 50_000_000 // 4)
    after = peak_memory(torch.device("cpu"))
    assert before is not None
    assert after is not None
    assert after >= grown.nbytes


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count each process by itself")
def test_the_peak_memory_of_a_large_parent_is_not_that_of_its_child() -> None:
    held = torch.ones(300_000_000 // 4)
    code = (
        "import torch; from harness.measure.cost import peak_memory; "
        "print(peak_memory(torch.device('cpu')))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(found.stdout) < peak_memory(torch.device("cpu")) - held.nbytes // 2


class Vectors(nn.Module):
    """Products with vectors alone: a matrix's, one with an addition, and two vectors'."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix, self.bias = nn.Parameter(torch.ones(3, 64)), nn.Parameter(torch.ones(3))

    def forward(self, images: Tensor) -> Tensor:
        vector = images.flatten()
        added = torch.addmv(self.bias, self.matrix, vector)
        return torch.stack([(self.matrix @ vector).sum(), added.sum(), torch.dot(vector, vector)])


def test_products_with_vectors_are_counted_too() -> None:
    assert count_flops(Vectors(), (1, 8, 8)) == 2 * 3 * 64 + 2 * 3 * 64 + 2 * 64
