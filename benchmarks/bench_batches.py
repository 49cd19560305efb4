"""Batching: an epoch of shuffled, normalised batches, plain and augmented."""

import numpy as np
import pytest
import torch

from harness.data.splits import Split
from harness.schema import Augment
from harness.tensors.batches import Batches
from harness.tensors.device import resolve

IMAGES, BATCH_SIZE = 4096, 128
SETTINGS = {
    "none": Augment(),
    "default": Augment(flip=True, shift=0.1),
    "all": Augment(flip=True, shift=0.1, rotate=15, scale=0.15, erase=0.25),
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.benchmark(group="batching 4,096 images of 48x48")
def test_batches(benchmark, name):
    resolve("cpu").apply()  # As a run does: threads, kernels and memory.
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (IMAGES, 48, 48), dtype=np.uint8)
    split = Split(images=images, labels=random.integers(0, 7, IMAGES))
    batches = Batches(split, (0.5,), (0.25,), torch.device("cpu"))

    def epoch() -> None:
        generator = torch.Generator().manual_seed(0)
        for _ in batches.shuffled(BATCH_SIZE, SETTINGS[name], generator):
            pass

    benchmark(epoch)
    benchmark.extra_info["images_per_second"] = IMAGES / benchmark.stats.stats.median
