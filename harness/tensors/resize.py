"""Progressive resizing: small images in the first epochs, which cost less, full ones in the last.

After Howard 2018 (fast.ai's entry to DAWNBench) and Tan and Le 2021 (EfficientNetV2,
arXiv:2104.00298).
"""

from torch import Tensor
from torch.nn import functional

from harness.schema import Recipe

# Sizes between the first and the full one are multiples of this many pixels.
STEP = 4


def image_size(full: tuple[int, int], recipe: Recipe, epoch: int) -> tuple[int, int]:
    """Return height and width of the training images in ``epoch``, from 1.

    The scale rises linearly from ``initial_scale`` in the first epoch to 1, which it has from the
    share ``full_scale_from`` of the epochs on.
    """
    rise = recipe.full_scale_from * recipe.epochs
    done = 1.0 if epoch > rise else (epoch - 1) / rise
    scale = recipe.initial_scale + (1 - recipe.initial_scale) * done
    if scale >= 1:
        return full
    height, width = (min(side, max(STEP, round(side * scale / STEP) * STEP)) for side in full)
    return height, width


def resize(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Return ``images`` ``(N, C, H, W)`` in ``size``, bilinear and smoothed where they shrink."""
    if tuple(images.shape[-2:]) == size:
        return images
    return functional.interpolate(images, size, mode="bilinear", antialias=True)
