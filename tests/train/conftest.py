"""A run of the loop on tiny data, and ears that hear what it tells."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from harness.data.splits import open_splits
from harness.schema import Augment, Epoch, Recipe
from harness.tensors.batches import Batches, load_batches
from harness.tensors.device import Policy
from harness.train.checkpoint import Checkpoints
from harness.train.loop import Listener, train
from harness.train.optim import make_optimizer


class Ear:
    """Notes what the loop tells; ``stop_at`` interrupts the run when that epoch is finished."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.epochs: list[Epoch] = []
        self.resumed: list[int] = []
        self.fractions: list[tuple[int, float]] = []
        self._stop_at = stop_at

    def listener(self) -> Listener:
        return Listener(
            resumed=self.resumed.append,
            batch=lambda epoch, fraction: self.fractions.append((epoch, fraction)),
            epoch=self._hear,
        )

    def _hear(self, epoch: Epoch) -> None:
        if epoch.epoch == self._stop_at:
            raise KeyboardInterrupt
        self.epochs.append(epoch)

    def without_clocks(self) -> list[dict]:
        clocks = {"train_seconds", "valid_seconds"}
        return [epoch.model_dump(exclude=clocks) for epoch in self.epochs]


def _network() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 3)
    )


@pytest.fixture
def network() -> Callable[[], nn.Module]:
    return _network


@pytest.fixture
def unbalanced(tiny: Path) -> dict[str, Batches]:
    """The tiny data with 32, 16 and 4 training images of the three classes."""
    batches = load_batches(open_splits(tiny), torch.device("cpu"))
    train = batches["train"]
    parts = [(train.labels == c).nonzero().flatten()[:n] for c, n in enumerate((32, 16, 4))]
    kept = torch.cat(parts)
    train.images, train.labels = train.images[kept], train.labels[kept]
    return batches


@pytest.fixture
def soft(voted: Path) -> dict[str, Batches]:
    """Data with votes, to be trained on their shares."""
    return load_batches(open_splits(voted), torch.device("cpu"), targets="votes")


@pytest.fixture
def plain() -> Recipe:
    return Recipe(epochs=3, batch_size=16, learning_rate=0.05, augment=Augment())


@pytest.fixture
def run(tiny: Path, tmp_path: Path, plain: Recipe) -> Callable[..., tuple[nn.Module, int, Ear]]:
    """Train in the folder ``name`` of ``tmp_path``: the module, its best epoch, and the ear."""
    batches = load_batches(open_splits(tiny), torch.device("cpu"))

    def train_it(recipe=plain, *, name="run", module=None, seed=0, stop_at=None, **options):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        module, ear = module or _network(), Ear(stop_at)
        optimizer = options.pop("optimizer", None) or make_optimizer(module, recipe)
        selected = train(
            module,
            options.pop("batches", batches),
            recipe,
            policy=options.pop("policy", Policy("cpu", "float32", 1)),
            seed=seed,
            checkpoints=Checkpoints(folder),
            listener=ear.listener(),
            optimizer=optimizer,
            **options,
        )
        return module, selected, ear

    return train_it
