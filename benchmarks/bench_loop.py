"""The harness's training loop beside the loop that people write, a bare loop, and the roofline.

All four take turns on the same images, network, batch size and recipe, so that drift hits all
alike; the ratios of a round are within seconds of each other. ``extra_info`` has their medians.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from harness.data.splits import Split
from harness.plugins import discover
from harness.schema import Recipe
from harness.tensors.augment import augment
from harness.tensors.batches import Batches
from harness.tensors.device import Policy, resolve, seed_everything
from harness.train.checkpoint import Checkpoints, Progress
from harness.train.loop import Listener, train
from harness.train.state import State

SHAPE, CLASSES, BATCH_SIZE = (1, 48, 48), 7, 128
MEAN, STD = 0.5, 0.25
STEPS, ROUNDS, SHIFT = 8, 5, 4
RECIPE = Recipe(epochs=1, batch_size=BATCH_SIZE)
MATRIX = 2048


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


def optimizer_of(module: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        module.parameters(), RECIPE.learning_rate, RECIPE.momentum, 0, RECIPE.weight_decay
    )


def batched(split: Split) -> Batches:
    return Batches(split, (MEAN,), (STD,), torch.device("cpu"), CLASSES)


class Nowhere(Checkpoints):
    """Nothing is written: the clock of an epoch has stopped before its checkpoint is."""

    def save(self, progress: Progress, state: State) -> None: ...

    def restore(self, state: State) -> Progress:
        return Progress()

    def save_best(self, module: nn.Module) -> None: ...

    def load_best(self, module: nn.Module) -> None: ...


class Loops:
    """The same training in four ways; each returns the seconds of a step."""

    def __init__(self, build: Callable[..., nn.Module], policy: Policy) -> None:
        random = np.random.default_rng(0)
        count = STEPS * BATCH_SIZE
        images = random.integers(0, 256, (count, *SHAPE[1:]), dtype=np.uint8)
        self.split = Split(images=images, labels=random.integers(0, CLASSES, count))
        self.batches = batched(self.split)
        self.few = batched(Split(images=images[:8], labels=self.split.labels[:8]))
        self.build, self.policy = build, policy
        self.written = self.network()
        self.bare = self.network().to(memory_format=torch.channels_last)
        self.optimizers = [optimizer_of(module) for module in (self.written, self.bare)]
        self.flops = self.flops_of_a_step()

    def network(self) -> nn.Module:
        seed_everything(0)
        return self.build(SHAPE, CLASSES)

    def flops_of_a_step(self) -> int:
        with FlopCounterMode(display=False) as counter:
            self.network()(torch.zeros(BATCH_SIZE, *SHAPE)).sum().backward()
        return counter.get_total_flops()

    def what_people_write(self) -> float:
        """(a): Dataset, DataLoader, float32, NCHW, one image at a time."""
        module, optimizer = self.written, self.optimizers[0]
        torch.use_deterministic_algorithms(False)
        module.train()
        running = 0.0
        started = time.perf_counter()
        for images, labels in DataLoader(Faces(self.split), BATCH_SIZE, shuffle=True):
            optimizer.zero_grad()
            loss = functional.cross_entropy(module(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
        seconds = time.perf_counter() - started
        self.policy.apply()
        return seconds / STEPS

    def bare_loop(self) -> float:
        """(b): the harness's tricks and nothing else."""
        module, optimizer, batches = self.bare, self.optimizers[1], self.batches
        generator = torch.Generator().manual_seed(0)
        module.train()
        started = time.perf_counter()
        for index in torch.randperm(len(batches), generator=generator).split(BATCH_SIZE):
            images = batches.normalise(batches.images[index])
            images = augment(images, RECIPE.augment, generator)
            with self.policy.autocast():
                logits = module(images.to(memory_format=torch.channels_last))
            loss = functional.cross_entropy(logits.float(), batches.labels[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        return (time.perf_counter() - started) / STEPS

    def harness_loop(self) -> float:
        """An epoch of `harness.train.loop.train`, by the clock that records have."""
        seconds: list[float] = []
        train(
            self.bare,
            {"train": self.batches, "valid": self.few},
            RECIPE,
            policy=self.policy,
            seed=0,
            checkpoints=Nowhere(Path()),
            listener=Listener(
                resumed=lambda epochs: None,
                batch=lambda epoch, fraction: None,
                epoch=lambda epoch: seconds.append(epoch.train_seconds),
            ),
        )
        return seconds[0] / STEPS

    def roofline(self) -> float:
        """(c): the arithmetic of a step at the rate of one large matrix product."""
        kind = torch.bfloat16 if self.policy.precision == "bfloat16" else torch.float32
        matrix = torch.randn(MATRIX, MATRIX).to(kind)
        matrix @ matrix
        started = time.perf_counter()
        for _ in range(3):
            matrix @ matrix
        return self.flops * (time.perf_counter() - started) / (3 * 2 * MATRIX**3)


WAYS = ("what_people_write", "bare_loop", "harness_loop", "roofline")


@pytest.fixture(params=["convnet", "vgg"])
def loops(request) -> Loops:
    policy = resolve()
    policy.apply()
    build = next(model.build for model, _ in discover().models if model.name == request.param)
    return Loops(build, policy)


@pytest.mark.benchmark(group="training loop: a round of all four")
def test_loops(benchmark, loops, capsys, request):
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}

    def turn() -> None:
        shift = len(seconds["roofline"]) % len(WAYS)
        for way in WAYS[shift:] + WAYS[:shift]:
            seconds[way].append(getattr(loops, way)())

    benchmark.pedantic(turn, rounds=ROUNDS, warmup_rounds=1)
    timed = {way: values[1:] for way, values in seconds.items()}
    rates = {way: BATCH_SIZE / statistics.median(values) for way, values in timed.items()}

    def ratio(way: str, other: str) -> float:
        pairs = zip(timed[way], timed[other], strict=True)
        return statistics.median(first / second for first, second in pairs)

    benchmark.extra_info.update(
        images_per_second=rates,
        over_what_people_write=ratio("what_people_write", "harness_loop"),
        over_bare_loop=ratio("bare_loop", "harness_loop"),
        share_of_roofline=ratio("roofline", "harness_loop"),
        share_of_roofline_bare=ratio("roofline", "bare_loop"),
        matrix_gflops=loops.flops / 1e9 / statistics.median(timed["roofline"]),
        gflops_a_step=loops.flops / 1e9,
    )
    info = benchmark.extra_info
    with capsys.disabled():
        print(
            f"\n{request.node.callspec.id}, batch {BATCH_SIZE}, {loops.policy.precision}, images/s:"
        )
        for way in WAYS:
            print(f"  {way.replace('_', ' '):18} {rates[way]:8.0f}")
        print(
            f"  harness is {info['over_what_people_write']:.2f} × what people write, "
            f"{info['over_bare_loop']:.3f} × the bare loop, "
            f"{100 * info['share_of_roofline']:.0f} % of the roofline "
            f"({info['matrix_gflops']:.0f} GFLOP/s)"
        )
