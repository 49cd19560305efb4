"""Mixup and CutMix: each image of a batch mixed with another one, and the labels with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Dice = np.random.Generator


@dataclass(frozen=True)
class Target:
    """What a batch's images show: ``share`` of ``labels``, the rest of ``others``, both ``(N,)``.

    Images that are not mixed have no ``others``. A loss is taken against ``soft`` and
    ``others_soft``, shares of the classes ``(N, classes)``, in place of labels if there are such.
    """

    labels: Tensor
    others: Tensor | None = None
    share: float = 1.0
    soft: Tensor | None = None
    others_soft: Tensor | None = None

    def loss(self, loss: Callable[[Tensor, Tensor], Tensor], logits: Tensor) -> Tensor:
        """Return the loss of ``logits`` ``(N, classes)``: the mixture of both labels' losses."""
        own = loss(logits, self.labels if self.soft is None else self.soft)
        if self.others is None:
            return own
        other = loss(logits, self.others if self.others_soft is None else self.others_soft)
        return self.share * own + (1 - self.share) * other

    @property
    def dominant(self) -> Tensor:
        """The labels ``(N,)`` with the larger share."""
        return self.labels if self.others is None or self.share >= 0.5 else self.others


class Mixer:
    """Mixes whole batches, each by one of the ways that are on, with equal probability.

    ``mixup`` and ``cutmix`` are α of Beta(α, α), from which a batch's share is drawn; 0 is off.
    The numbers come from ``seed`` and are drawn on the host: the device is not waited for.
    """

    def __init__(self, mixup: float, cutmix: float, seed: int) -> None:
        ways = ((_mixup, mixup), (_cutmix, cutmix))
        self._ways = [(way, alpha) for way, alpha in ways if alpha]
        self._dice = np.random.default_rng(seed)

    def __call__(
        self, images: Tensor, labels: Tensor, soft: Tensor | None = None
    ) -> tuple[Tensor, Target]:
        """Return the mixed images ``(N, C, H, W)`` and what they show.

        The partner of an image is the one before it: batches are shuffled already.
        """
        if not self._ways:
            return images, Target(labels, soft=soft)
        way, alpha = self._ways[self._dice.integers(len(self._ways))]
        share = float(self._dice.beta(alpha, alpha))
        images, share = way(images, images.roll(1, 0), share, self._dice)
        others_soft = None if soft is None else soft.roll(1, 0)
        return images, Target(labels, labels.roll(1, 0), share, soft, others_soft)


def _mixup(images: Tensor, others: Tensor, share: float, dice: Dice) -> tuple[Tensor, float]:
    """Blend: after Zhang et al. 2018 (arXiv:1710.09412)."""
    return torch.lerp(others, images, share), share


def _cutmix(images: Tensor, others: Tensor, share: float, dice: Dice) -> tuple[Tensor, float]:
    """Paste a box of the others, the same for the batch: after Yun et al. 2019 (arXiv:1905.04899).

    The box is cut off at the border; the share that is returned is that of what remains.
    """
    height, width = images.shape[-2:]
    top, bottom = _side(height, share, dice)
    left, right = _side(width, share, dice)
    images = images.clone()
    images[..., top:bottom, left:right] = others[..., top:bottom, left:right]
    return images, 1 - (bottom - top) * (right - left) / (height * width)


def _side(size: int, share: float, dice: Dice) -> tuple[int, int]:
    half = int(size * math.sqrt(1 - share)) // 2
    centre = int(dice.integers(size))
    return max(0, centre - half), min(size, centre + half)
