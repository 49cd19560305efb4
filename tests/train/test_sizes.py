"""Training on images of growing size."""

import torch
from torch import nn


class AnySize(nn.Module):
    """Takes images of any size and notes what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.seen = nn.Conv2d(1, 3, 3), []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen.append((self.training, *images.shape[2:]))
        return self.convolution(images).mean((2, 3))


def test_progressive_resizing_trains_on_growing_images_and_validates_on_full_ones(
    run, plain
) -> None:
    module = AnySize()
    recipe = plain.model_copy(update={"initial_scale": 0.5, "full_scale_from": 0.7})
    run(recipe, module=module)
    trained = [shape for training, *shape in module.seen if training]
    assert trained == [[8, 8]] * 6 + [[12, 12]] * 6 + [[16, 16]] * 6
    assert {tuple(shape) for training, *shape in module.seen if not training} == {(16, 16)}
