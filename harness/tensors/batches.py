"""A whole split in memory as uint8, batched by indexing and normalised batch by batch."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from harness.data.soft import SoftTargets, hard_targets, soft_targets, taught
from harness.data.splits import Split, Splits
from harness.schema import Augment
from harness.tensors.augment import augment
from harness.tensors.sampling import SAMPLERS

# A channel that is the same in all images is divided by this, in units of 0–1, and not by zero.
LEAST_DEVIATION = 1 / 255


class Batches:
    """The images of one split on one device.

    ``images`` is uint8 ``(N, C, H, W)``, ``labels`` int64 ``(N,)``. Batches come out as float32
    ``(n, C, H, W)``, normalised by the training split's mean and standard deviation. ``classes``
    counts all classes, those of which the split has no image too. ``targets`` are what a loss is
    taken against in place of the labels, float32 ``(N, classes)``, if there are such. With
    ``normalize="image"`` each image's own mean and deviation are taken in place of the split's.
    """

    def __init__(
        self,
        split: Split,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        device: torch.device,
        classes: int = 0,
        targets: SoftTargets | None = None,
        normalize: str = "split",
    ) -> None:
        self.images = as_channels_first(np.asarray(split.images)).to(device)
        self.labels = torch.from_numpy(np.array(split.labels)).to(device)
        self.targets = None if targets is None else torch.from_numpy(targets).to(device)
        # (x / 255 - mean) / std as one multiplication and one addition.
        deviation = torch.tensor(std, dtype=torch.float64).clamp_min(LEAST_DEVIATION)
        shape = (1, len(mean), 1, 1)
        self._factor = (1 / (255 * deviation)).float().view(shape).to(device)
        self._offset = (-torch.tensor(mean, dtype=torch.float64) / deviation).float()
        self._offset = self._offset.view(shape).to(device)
        self._classes = classes
        self._by_image = normalize == "image"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images."""
        height, width = self.images.shape[-2:]
        return height, width

    def class_counts(self) -> Tensor:
        """Return how many images each class has, int64 ``(classes,)``."""
        return torch.bincount(self.labels, minlength=self._classes)

    def steps(self, batch_size: int) -> int:
        """Return how many batches of at most ``batch_size`` images an epoch has."""
        return math.ceil(len(self) / batch_size)

    def normalize(self, images: Tensor) -> Tensor:
        """Return uint8 images as normalised float32."""
        if self._by_image:
            return standardised(images.float())
        return torch.addcmul(self._offset, images.float(), self._factor)

    def in_order(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield ``(images, labels)`` in the split's order, every image once."""
        for start in range(0, len(self), batch_size):
            part = slice(start, start + batch_size)
            yield self.normalize(self.images[part]), self.labels[part]

    def shuffled(
        self,
        batch_size: int,
        settings: Augment,
        generator: torch.Generator,
        sampling: str = "uniform",
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        """Yield shuffled, augmented ``(images, labels, targets)``, as many as the split has.

        ``sampling`` is the recipe's: uniform yields every image once. The batches differ in size
        by at most one image: no tiny last batch, on which batch norm would fail or the step would
        be noise. Of a ``batch_size`` of 2 and an odd number of images one batch has a single image.
        """
        order = SAMPLERS[sampling](self.labels, generator)
        for index in torch.tensor_split(order, self.steps(batch_size)):
            images = self.normalize(self.images[index])
            targets = None if self.targets is None else self.targets[index]
            yield augment(images, settings, generator), self.labels[index], targets


def standardised(images: Tensor) -> Tensor:
    """Return images ``(N, C, H, W)`` less their mean and over their deviation, each image's own.

    As TensorFlow's ``per_image_standardization``: over all pixels and channels, and a deviation of
    ``1 / sqrt(C H W)`` (of pixels from 0 to 255) at least, so that a blank image becomes 0.
    """
    deviation, mean = torch.std_mean(images, dim=(1, 2, 3), correction=0, keepdim=True)
    return (images - mean) / deviation.clamp_min(images[0].numel() ** -0.5)


def as_channels_first(images: np.ndarray) -> Tensor:
    """Return images ``(N, H, W)`` or ``(N, H, W, C)`` as a tensor ``(N, C, H, W)``.

    With several channels the memory stays as it is: that is torch's ``channels_last``.
    """
    # A memory map that is read-only becomes an array of our own: the split lives in memory.
    tensor = torch.from_numpy(np.array(images))
    return tensor.unsqueeze(1) if images.ndim == 3 else tensor.permute(0, 3, 1, 2)


def load_batches(
    splits: Splits,
    device: torch.device,
    names: tuple[str, ...] = ("train", "valid", "test"),
    targets: str = "labels",
    normalize: str = "split",
    teachers: SoftTargets | None = None,
    teacher_share: float = 1.0,
) -> dict[str, Batches]:
    """Return the named splits on ``device``.

    ``targets``, ``normalize`` and ``teacher_share`` are the recipe's, ``teachers`` the mean
    prediction of its teachers ``(N, classes)``. Targets are for the training split: evaluation is
    against labels. Raises `DataError` where they ask for votes that the data does not have.
    """
    soft: dict[str, SoftTargets] = {}
    if teachers is not None and teacher_share == 1:
        soft["train"] = teachers
    elif targets == "votes":
        soft["train"] = soft_targets(splits, "train")
    if teachers is not None and teacher_share < 1:
        labels = hard_targets(splits.train.labels, splits.num_classes)
        soft["train"] = taught(soft.get("train", labels), teachers, teacher_share)
    mean, std, classes = splits.mean, splits.std, splits.num_classes
    return {
        name: Batches(getattr(splits, name), mean, std, device, classes, soft.get(name), normalize)
        for name in names
    }
