"""The basic ConvNet as a model plugin; registers without importing torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import ModelPlugin, Recipe, hookimpl

if TYPE_CHECKING:
    from torch import nn

MIN_SIZE = 8


def build(
    input_shape: tuple[int, int, int], num_classes: int, width: int = 32, hidden: int = 256
) -> nn.Module:
    """Build the network; ``width`` is the number of channels of the first stage."""
    from harness_convnet.model import ConvNet

    return ConvNet(input_shape, num_classes, width, hidden)


def supports(input_shape: tuple[int, int, int], num_classes: int) -> str | None:
    """Say why images of ``input_shape`` are too small, if they are."""
    _, height, width = input_shape
    if min(height, width) < MIN_SIZE:
        return f"needs images of at least {MIN_SIZE}x{MIN_SIZE} pixels, these are {height}x{width}"
    return None


@hookimpl
def harness_models() -> list[ModelPlugin]:
    """Bring the one model of this package."""
    return [
        ModelPlugin(
            name="convnet",
            build=build,
            recipe=Recipe(learning_rate=0.02),
            summary="basic ConvNet: three conv-ReLU-pool stages and a hidden layer",
            aliases=("basic",),
            supports=supports,
        )
    ]
