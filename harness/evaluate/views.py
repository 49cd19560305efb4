"""Test-time augmentation: the mean of a model's probabilities over several views of an image."""

import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from harness.errors import RunError
from harness.evaluate.predict import BATCH_SIZE
from harness.tensors.batches import Batches
from harness.tensors.device import Policy

# At 48 × 48 two pixels: the corners that ten crops of 44 × 44 have.
SHIFT = 1 / 24
SHIFTED = ("views10", "views18")
# How much larger, and turned by how many degrees.
SIZES = ((1.1, 0.0), (1 / 1.1, 0.0))
WARPS = {
    "views14": (*SIZES, (1.0, 5.0), (1.0, -5.0), (1.0, 10.0), (1.0, -10.0)),
    "views18": (*SIZES, (1.0, 10.0), (1.0, -10.0)),
}


def make_views(images: Tensor, tta: str) -> Iterator[Tensor]:
    """Yield the views of normalised ``images`` ``(N, C, H, W)``, each of that shape.

    ``flip``: the image and its mirror image. ``views10``: the image itself and shifted towards
    each of its corners by ``SHIFT`` of its sides, a pixel at least, each with its mirror image
    (the ten crops of Krizhevsky et al. 2012, out of a padded image). ``views18``: these, the image
    a tenth larger and as much smaller, and turned by 10 degrees to either side, with mirror images
    too. ``views14``: the image itself, larger, smaller, and turned by 5 and 10 degrees to either
    side, all of them with mirror images. What moves in from outside of the picture is 0: the
    training split's mean, or the image's own, by which of them it was normalised.
    """
    views = _crops(images) if tta in SHIFTED else iter((images,))
    for view in itertools.chain(views, _warps(images, WARPS.get(tta, ()))):
        yield view
        yield view.flip(-1)


def _crops(images: Tensor) -> Iterator[Tensor]:
    """Yield the image and the four corners of the padded image, each as large as the image."""
    yield images
    height, width = images.shape[-2:]
    down, right = (max(1, round(side * SHIFT)) for side in (height, width))
    padded = functional.pad(images, (right, right, down, down))
    for top in (0, 2 * down):
        for left in (0, 2 * right):
            yield padded[..., top : top + height, left : left + width]


def _warps(images: Tensor, changes: Iterable[tuple[float, float]]) -> Iterator[Tensor]:
    """Yield the image with each of the ``changes``, about its middle."""
    height, width = images.shape[-2:]
    for zoom, degrees in changes:
        cos, sin = (f(math.radians(degrees)) / zoom for f in (math.cos, math.sin))
        # torch's coordinates run from -1 to 1 along both sides, however long they are.
        rows = [[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]]
        matrix = torch.tensor(rows, dtype=images.dtype, device=images.device)
        grid = functional.affine_grid(
            matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False
        )
        yield functional.grid_sample(images, grid, align_corners=False)


def mean_over_views(module: nn.Module, images: Tensor, policy: Policy, tta: str) -> Tensor:
    """Return the arithmetic mean of the probabilities over the views, float32 ``(N, classes)``.

    ``module`` is in eval mode, and ``images`` are normalised.
    """
    parts = []
    for view in make_views(images, tta):
        # A copy: a module that changes its input must not change the views that follow.
        with policy.autocast():
            logits = module(view.clone(memory_format=torch.channels_last))
        parts.append(functional.softmax(logits.float(), dim=1))
    return torch.stack(parts).mean(dim=0)


@torch.no_grad()
def predict_over_views(
    module: nn.Module, batches: Batches, policy: Policy, tta: str
) -> NDArray[np.float32]:
    """Return the mean probabilities ``(N, classes)`` of a split, rows that sum to 1.

    Raises `RunError` where one is not a number.
    """
    module.eval()
    means = torch.cat(
        [mean_over_views(module, images, policy, tta) for images, _ in batches.in_order(BATCH_SIZE)]
    )
    if not bool(torch.isfinite(means).all()):
        raise RunError(f"the model returned logits that are not finite for a view of tta={tta}")
    probabilities: NDArray[np.float32] = means.cpu().numpy()
    return probabilities
