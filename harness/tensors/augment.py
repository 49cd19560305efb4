"""Random changes of whole batches of images."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from harness.schema import Augment


def augment(images: Tensor, settings: Augment, generator: torch.Generator) -> Tensor:
    """Return normalised images ``(N, C, H, W)``, each changed at random as ``settings`` say.

    What moves in from outside of the picture is 0: the training split's mean, or the image's own,
    by which of them it was normalised.
    """
    if settings.shift or settings.rotate or settings.scale:
        theta = affine_maps(len(images), images.shape[-2:], settings, generator)
        images = warp(images, theta.to(images.device))
    elif settings.flip:
        mirrored = _uniform(len(images), generator) < 0.5
        images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(-1), images)
    if settings.erase:
        images = _erase(images, settings.erase, generator)
    return images


def affine_maps(
    count: int, size: tuple[int, ...], settings: Augment, generator: torch.Generator
) -> Tensor:
    """Draw ``count`` maps ``(N, 2, 3)`` from output to input coordinates in [-1, 1].

    The form is that of `torch.nn.functional.affine_grid`; a rotation keeps right angles in pixels
    of images that are not square.
    """
    height, width = size
    angle = _symmetric(count, generator) * math.radians(settings.rotate)
    # One draw in log scale zooms in as often as out.
    zoom = torch.exp(_symmetric(count, generator) * math.log1p(settings.scale))
    mirror = torch.ones_like(angle)
    if settings.flip:
        mirror = torch.where(_uniform(count, generator) < 0.5, -1.0, 1.0)
    shift = 2 * settings.shift * torch.stack([_symmetric(count, generator) for _ in range(2)], 1)
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    rows = [cos * mirror, -sin * height / width, sin * mirror * width / height, cos]
    linear = torch.stack(rows, 1).view(count, 2, 2)
    return torch.cat([linear, shift.unsqueeze(2)], 2)


def warp(images: Tensor, theta: Tensor) -> Tensor:
    """Return ``images`` ``(N, C, H, W)`` sampled bilinearly through the maps ``theta``."""
    return functional.grid_sample(images, _grid(theta, *images.shape[-2:]), align_corners=False)


def _grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Return where each output pixel is sampled, ``(N, H, W, 2)`` in [-1, 1].

    The numbers are those of `torch.nn.functional.affine_grid` with ``align_corners=False``. That
    makes a product of tiny matrices for each image; all images' rows in one take a tenth of it.
    """
    x = (2 * torch.arange(width, device=theta.device) + 1) / width - 1
    y = (2 * torch.arange(height, device=theta.device) + 1) / height - 1
    x, y = x.repeat(height), y.repeat_interleave(width)
    grid = theta.reshape(-1, 3) @ torch.stack([x, y, torch.ones_like(x)])
    return grid.view(-1, 2, height, width).permute(0, 2, 3, 1)


def _erase(images: Tensor, fraction: float, generator: torch.Generator) -> Tensor:
    """Set one square an image to 0; its centre lies anywhere in the image."""
    count, _, height, width = images.shape
    half = fraction * min(height, width) / 2
    rows = torch.arange(height, device=images.device).view(1, -1, 1)
    columns = torch.arange(width, device=images.device).view(1, 1, -1)
    top = (_uniform(count, generator) * height - 0.5).view(-1, 1, 1)
    left = (_uniform(count, generator) * width - 0.5).view(-1, 1, 1)
    inside = ((rows - top).abs() < half) & ((columns - left).abs() < half)
    return images.masked_fill(inside.unsqueeze(1), 0.0)


def _uniform(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator, device=generator.device)


def _symmetric(count: int, generator: torch.Generator) -> Tensor:
    return 2 * _uniform(count, generator) - 1
