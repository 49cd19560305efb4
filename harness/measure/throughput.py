"""Images per second and latency: warm-up, synchronise, then the clock; models in rounds."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from harness.evaluate.views import mean_over_views
from harness.measure.stops import stops
from harness.schema import Rate
from harness.tensors.device import Policy

INFERENCE_BATCHES = (1, 32, 256)
ROUNDS = 5
SLICE_SECONDS = 0.5
WARM_UP_CALLS = 2
TRIES = 3  # To time a slice while the process is not stopped.
SHORT = 0.5  # Of a slice of time: so long a call may take to be left uncounted.
# A percentile is stated only where at least this many samples lie beyond it.
SAMPLES_BEYOND = 10
PERCENTILES = (50, 90, 99)


@dataclass
class Workload:
    """Something to be timed again and again: ``call`` processes ``images`` images.

    ``prepare`` is called before each slice of time, outside of the clock. ``owner`` is the key of
    the model that it belongs to, in a bench the name of the case. ``rates`` gathers images per
    second, one a round, and ``seconds`` those of each single call where ``single`` is set.
    """

    owner: str
    name: str
    images: int
    prepare: Callable[[], object]
    call: Callable[[], object]
    single: bool = False
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def rate(self) -> Rate:
        """Return the median rate with its extremes."""
        return Rate(
            images_per_second=statistics.median(self.rates),
            low=min(self.rates),
            high=max(self.rates),
            rounds=len(self.rates),
        )


def ready() -> None:
    """Need no preparation before a slice of time."""


Step = Callable[[Workload, Callable[[], None]], None]


def interleave(
    workloads: Sequence[Workload], rounds: int = ROUNDS
) -> Iterator[tuple[Workload, Step]]:
    """Yield what to do with which workload: warm up each, then time them in ``rounds`` rounds.

    In every round each workload has its slice of time, so that drift hits all alike.
    """
    for workload in workloads:
        yield workload, warm_up
    for _ in range(rounds):
        for workload in workloads:
            yield workload, time_slice


def warm_up(workload: Workload, synchronise: Callable[[], None]) -> None:
    """Call the workload a few times outside of the clock."""
    workload.prepare()
    for _ in range(WARM_UP_CALLS):
        workload.call()
    synchronise()


def time_slice(
    workload: Workload, synchronise: Callable[[], None], seconds: float = SLICE_SECONDS
) -> None:
    """Call the workload for about ``seconds``, at least once, and note its rate.

    The first call, which finds the caches full of another's work, is not counted, but where it
    takes half of the time or more. A slice in which the process was stopped is done again, a few
    times: what throttles processes stops them all the time.
    """
    for left in reversed(range(TRIES)):
        before, samples = stops(), len(workload.seconds)
        rate = _rate(workload, synchronise, seconds)
        if stops() == before or not left:
            workload.rates.append(rate)
            return
        del workload.seconds[samples:]


def _rate(workload: Workload, synchronise: Callable[[], None], seconds: float) -> float:
    """Return the images per second of a slice of time; noted are the seconds of single calls."""
    workload.prepare()
    synchronise()
    started = time.perf_counter()
    workload.call()
    synchronise()
    now = time.perf_counter()
    if now - started < SHORT * seconds:
        # Again, with warm caches: by a cold call the number of calls would be reckoned too low.
        started = now
        workload.call()
        synchronise()
        now = time.perf_counter()
    first, calls = now - started, 1
    if workload.single:
        workload.seconds.append(first)
    # A device may take far longer for its work than the host to queue it.
    most = math.ceil(seconds / first) if first > 0 else math.inf
    while now - started < seconds and calls < most:
        before = now
        workload.call()
        if workload.single:
            synchronise()
        now = time.perf_counter()
        calls += 1
        if workload.single:
            workload.seconds.append(now - before)
    # Without a wait for the device, the clock would show how fast work was queued.
    synchronise()
    return calls * workload.images / (time.perf_counter() - started)


def latency_percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return ``p50``, ``p90`` and ``p99`` in milliseconds, as far as the sample supports them."""
    supported = [p for p in PERCENTILES if len(seconds) * (100 - p) / 100 >= SAMPLES_BEYOND]
    if not supported:
        return {}
    values = np.percentile(np.asarray(seconds) * 1000, supported)
    return {f"p{p}": float(value) for p, value in zip(supported, values, strict=True)}


def _source(batch: Tensor) -> Callable[[], Tensor]:
    """Return what gives the batch at each call, anew where the last call has changed it.

    A module that normalises its input in place would soon compute on infinities.
    """
    spare, version = batch.clone(), batch._version

    def give() -> Tensor:
        nonlocal batch, version
        if batch._version != version:
            # What is made in inference mode counts no changes.
            with torch.inference_mode(False):
                batch = spare.clone()
            version = batch._version
        return batch

    return give


def inference_workload(
    owner: str, module: nn.Module, policy: Policy, images: Tensor, batch_size: int
) -> Workload:
    """Return the prediction of one batch of normalised ``images``."""
    batch = _source(images[:batch_size].contiguous(memory_format=torch.channels_last))

    def call() -> None:
        with torch.inference_mode(), policy.autocast():
            module(batch())

    return Workload(owner, str(batch_size), batch_size, module.eval, call, single=batch_size == 1)


def views_workload(
    owner: str, module: nn.Module, policy: Policy, images: Tensor, batch_size: int, tta: str
) -> Workload:
    """Return the prediction of one batch through all views of ``tta``, which count as one image."""
    batch = images[:batch_size].contiguous(memory_format=torch.channels_last)

    def call() -> None:
        with torch.inference_mode():
            mean_over_views(module, batch, policy, tta)

    return Workload(owner, f"{batch_size} {tta}", batch_size, module.eval, call)


def training_workload(
    owner: str,
    module: nn.Module,
    policy: Policy,
    images: Tensor,
    labels: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
) -> Workload:
    """Return one training step (forward, backward, optimizer) on a batch that lies ready."""
    batch = _source(images.contiguous(memory_format=torch.channels_last))

    def call() -> None:
        with policy.autocast():
            logits = module(batch())
        value = loss(logits.float(), labels)
        optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return Workload(owner, "train", len(images), module.train, call)
