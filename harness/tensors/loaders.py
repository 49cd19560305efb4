"""`Dataset` and `DataLoader` over the same splits, for people with training loops of their own."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from harness.data.splits import open_splits
from harness.errors import RequestError
from harness.tensors.batches import LEAST_DEVIATION

SPLITS = ("train", "valid", "test")


class SplitDataset(Dataset[tuple[Tensor, int]]):
    """One split of a data folder as a map-style `torch.utils.data.Dataset`.

    Items are ``(image, label)``: a float32 image ``(C, H, W)``, normalised by the training
    split's mean and standard deviation as the harness itself does it, and an int label. With
    ``normalize=False`` the image stays uint8. Raises `DataError` where the folder is none of ours.
    """

    def __init__(self, folder: str | Path, split: str, *, normalize: bool = True) -> None:
        if split not in SPLITS:
            raise RequestError(f"unknown split {split!r}; valid: {', '.join(SPLITS)}")
        splits = open_splits(Path(folder))
        self.classes = splits.classes
        chosen = getattr(splits, split)
        self._images, self._labels = chosen.images, chosen.labels
        self._normalize = normalize
        self._mean = torch.tensor(splits.mean).view(-1, 1, 1)
        self._std = torch.tensor(splits.std).clamp_min(LEAST_DEVIATION).view(-1, 1, 1)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        array = np.array(self._images[index])
        array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
        image = torch.from_numpy(np.ascontiguousarray(array))
        if self._normalize:
            image = (image.float() / 255 - self._mean) / self._std
        return image, int(self._labels[index])


def data_loader(
    folder: str | Path, split: str, *, batch_size: int = 128, **options: Any
) -> DataLoader[tuple[Tensor, int]]:
    """Return a `DataLoader` over one split; it shuffles the training split.

    ``options`` go to `torch.utils.data.DataLoader` (``num_workers``, ``shuffle``, ``sampler``, …).
    A ``sampler`` takes the place of shuffling, a ``batch_sampler`` that of ``batch_size`` as well.
    """
    if options.get("batch_sampler") is None:
        options["batch_size"] = batch_size
        if options.get("sampler") is None:
            options.setdefault("shuffle", split == "train")
    return DataLoader(SplitDataset(folder, split), **options)
