"""The harness's training loop beside the loop that people write, a bare loop, and the roofline.

All four take turns on the same images, network, batch size and recipe, so that drift hits all
alike; the ratios of a round are within seconds of each other. ``extra_info`` has their medians.
"""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode
from written_loop import (
    BATCH_SIZE,
    CLASSES,
    MEAN,
    RECIPE,
    SHAPE,
    STD,
    STEPS,
    WrittenLoop,
    made_split,
    network,
    optimizer_of,
    written_loop,
)

from harness.data.splits import Split
from harness.tensors.augment import augment
from harness.tensors.batches import Batches
from harness.tensors.device import Policy, resolve
from harness.train.checkpoint import Checkpoints, Progress
from harness.train.loop import Listener, train
from harness.train.optim import make_optimizer
from harness.train.state import State

ROUNDS, MATRIX = 5, 2048


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

    def __init__(self, name: str, policy: Policy, written: WrittenLoop) -> None:
        split = made_split()
        self.batches = batched(split)
        self.few = batched(Split(images=split.images[:8], labels=split.labels[:8]))
        self.policy, self.written = policy, written
        self.bare = network(name).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = optimizer_of(self.bare)
        self.flops = flops_of_a_step(network(name))

    def what_people_write(self) -> float:
        """(a): Dataset, DataLoader, float32, NCHW, one image at a time."""
        return self.written.turn()

    def bare_loop(self) -> float:
        """(b): the harness's tricks and nothing else."""
        module, optimizer, batches = self.bare, self.optimizer, self.batches
        generator = torch.Generator().manual_seed(0)
        module.train()
        started = time.perf_counter()
        for index in torch.randperm(len(batches), generator=generator).split(BATCH_SIZE):
            images = batches.normalize(batches.images[index])
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
            optimizer=make_optimizer(self.bare, RECIPE),
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


def flops_of_a_step(module: nn.Module) -> int:
    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(BATCH_SIZE, *SHAPE)).sum().backward()
    return counter.get_total_flops()


WAYS = ("what_people_write", "bare_loop", "harness_loop", "roofline")


@pytest.fixture(params=["convnet", "vgg"])
def loops(request) -> Iterator[Loops]:
    policy = resolve("cpu")
    policy.apply()
    with written_loop(request.param, policy.threads) as written:
        yield Loops(request.param, policy, written)


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
