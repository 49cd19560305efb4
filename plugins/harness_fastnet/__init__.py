"""A small residual network for few minutes of a CPU; registers without importing torch.

FER-2013, official roles, on two cores of an AMD EPYC (Zen 4): 65.8 % of PrivateTest over ten views,
63.9 % of the images as they are, in 4.0 minutes of training and validation (means of n = 3 seeds).
By the recipe ``medium``, with ``dropout=0.1``: 70.4 % over fourteen views, 67.6 % of the images as
they are, in 19 minutes (17 to 21; n = 3; float32, two cores of an Intel Xeon); in
bfloat16 on the first machine 69.8 and 67.2 % in 10 minutes (n = 3).
By the recipe ``strong``, with ``width=48,dropout=0.2``: 70.9 % over fourteen views, 68.6 % of the
images as they are (n = 3; the Xeon again). In bfloat16 it took 18.8 minutes on the first machine
(n = 1; 69.7 % over ten views).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Augment, ModelPlugin, Recipe, hookimpl

if TYPE_CHECKING:
    from torch import nn

MIN_SIZE = 16


def build(
    input_shape: tuple[int, int, int], num_classes: int, width: int = 32, dropout: float = 0.0
) -> nn.Module:
    """Build the network; ``width`` is the number of channels of the stem."""
    from harness_fastnet.model import FastNet

    return FastNet(input_shape, num_classes, width, dropout)


def supports(input_shape: tuple[int, int, int], num_classes: int) -> str | None:
    """Say why images of ``input_shape`` are too small, if they are."""
    _, height, width = input_shape
    if min(height, width) < MIN_SIZE:
        return f"needs images of at least {MIN_SIZE}x{MIN_SIZE} pixels, these are {height}x{width}"
    return None


# What they reach in how many minutes, and how they were chosen, is in docs/accuracy.md.
MINUTES = Recipe(
    epochs=8,
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
    tta="views10",
)

STRONG = MINUTES.model_copy(
    update={
        "epochs": 21,
        "augment": Augment(flip=True, shift=0.1, rotate=15, scale=0.15, erase=0.2),
        "tta": "views14",
    }
)

MEDIUM = STRONG.model_copy(update={"epochs": 24, "learning_rate": 0.008})


@hookimpl
def harness_models() -> list[ModelPlugin]:
    """Bring the one model of this package."""
    return [
        ModelPlugin(
            name="fastnet",
            build=build,
            recipe=MINUTES,
            recipes={"medium": MEDIUM, "strong": STRONG},
            recipe_arguments={
                "medium": {"dropout": 0.1},
                "strong": {"width": 48, "dropout": 0.2},
            },
            summary="small residual network, trained by Muon in minutes",
            supports=supports,
        )
    ]
