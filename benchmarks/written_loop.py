"""The training loop that people write, in a process of its own, without the harness's settings.

Dataset, DataLoader, float32, NCHW, one image at a time, a loss read at each step.
"""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from harness.data.splits import Split
from harness.plugins import discover
from harness.schema import Recipe
from harness.tensors.device import seed_everything

SHAPE, CLASSES, BATCH_SIZE = (1, 48, 48), 7, 128
MEAN, STD = 0.5, 0.25
STEPS, SHIFT = 8, 4
RECIPE = Recipe(epochs=1, batch_size=BATCH_SIZE)


def made_split() -> Split:
    """Return random images and labels for the steps of a turn, the same ones each time."""
    random = np.random.default_rng(0)
    count = STEPS * BATCH_SIZE
    images = random.integers(0, 256, (count, *SHAPE[1:]), dtype=np.uint8)
    return Split(images=images, labels=random.integers(0, CLASSES, count))


def network(name: str) -> nn.Module:
    """Return the network of a bundled model, with the same weights each time."""
    model, _ = discover().find_model(name)
    seed_everything(0)
    module: nn.Module = model.build(SHAPE, CLASSES)
    return module


def optimizer_of(module: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        module.parameters(), RECIPE.learning_rate, RECIPE.momentum, 0, RECIPE.weight_decay
    )


class Faces(Dataset[tuple[Tensor, int]]):
    """What a tutorial writes: one image at a time, mirrored and shifted by whole pixels."""

    def __init__(self, split: Split) -> None:
        self.split = split

    def __len__(self) -> int:
        return len(self.split.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = torch.from_numpy(np.array(self.split.images[index]))
        image = (image.unsqueeze(0).float() / 255 - MEAN) / STD
        if torch.rand(()) < 0.5:
            image = image.flip(-1)
        down, right = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
        padded = functional.pad(image, (SHIFT,) * 4)
        return padded[:, down : down + 48, right : right + 48], int(self.split.labels[index])


def serve(name: str, threads: int, parent: Connection) -> None:
    """Train for a turn whenever the parent asks, and send the seconds of a step."""
    torch.set_num_threads(threads)
    split, module = made_split(), network(name)
    optimizer = optimizer_of(module)
    module.train()
    while parent.recv():
        running = 0.0
        started = time.perf_counter()
        for images, labels in DataLoader(Faces(split), BATCH_SIZE, shuffle=True):
            optimizer.zero_grad()
            loss = functional.cross_entropy(module(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
        parent.send((time.perf_counter() - started) / STEPS)


class WrittenLoop:
    """The loop in its process; between turns it waits and computes nothing."""

    def __init__(self, child: Connection) -> None:
        self._child = child

    def turn(self) -> float:
        """Return the seconds of a step."""
        self._child.send(True)
        seconds: float = self._child.recv()
        return seconds


@contextmanager
def written_loop(name: str, threads: int) -> Iterator[WrittenLoop]:
    """Start the process, and end it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(name, threads, there), daemon=True)
    process.start()
    there.close()
    try:
        yield WrittenLoop(here)
        here.send(False)
    finally:
        here.close()
        process.join(30)
        process.terminate()
