"""A VGG-inspired network as a model plugin; registers without importing torch.

FER-2013, official roles, by the recipe ``strong`` (and its dropout of 0.3): 70.3 % of PrivateTest
over fourteen views, 67.8 % of the images as they are (means of n = 3 seeds), in 43 to 44 minutes of
training and validation in float32 on two cores of an Intel Xeon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Augment, ModelPlugin, Recipe, hookimpl

if TYPE_CHECKING:
    from torch import nn

MIN_SIZE = 16


def build(
    input_shape: tuple[int, int, int],
    num_classes: int,
    width: int = 32,
    dropout: float = 0.5,
    early: int = 1,
) -> nn.Module:
    """Build the network.

    ``width`` is the number of channels of the first stage, ``early`` that of convolutions in each
    of the first two stages: with two, a step takes nearly twice as long. Raises `ValueError` where
    ``early`` is below 1.
    """
    from harness_vgg.model import VGG

    if early < 1:
        raise ValueError(f"early must be 1 or more, not {early}")
    return VGG(input_shape, num_classes, width, dropout, early)


def supports(input_shape: tuple[int, int, int], num_classes: int) -> str | None:
    """Say why images of ``input_shape`` are too small, if they are."""
    _, height, width = input_shape
    if min(height, width) < MIN_SIZE:
        return f"needs images of at least {MIN_SIZE}x{MIN_SIZE} pixels, these are {height}x{width}"
    return None


# After what serves fastnet: docs/accuracy.md says what it reaches.
STRONG = Recipe(
    epochs=30,
    batch_size=256,
    optimizer="Muon",
    learning_rate=0.004,
    momentum=0.95,
    nesterov=True,
    weight_decay=0.05,
    weight_decay_on="matrices",
    schedule="linear",
    warmup=1,
    label_smoothing=0.1,
    normalize="image",
    augment=Augment(flip=True, shift=0.1, rotate=10, scale=0.1),
    tta="views14",
)


@hookimpl
def harness_models() -> list[ModelPlugin]:
    """Bring the one model of this package."""
    return [
        ModelPlugin(
            name="vgg",
            build=build,
            recipe=Recipe(learning_rate=0.01),
            recipes={"strong": STRONG},
            recipe_arguments={"strong": {"dropout": 0.3}},
            summary="VGG-inspired: six conv-BN-ReLU in four stages with pools, and dropout",
            supports=supports,
        )
    ]
