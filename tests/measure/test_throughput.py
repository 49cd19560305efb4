"""The clock is replaced by one that only work moves: nothing here depends on the machine."""

import os
import signal

import numpy as np
import pytest
import torch
from torch import nn

from harness.measure import throughput
from harness.measure.stops import watch_stops
from harness.measure.throughput import (
    Workload,
    inference_workload,
    interleave,
    latency_percentiles,
    time_slice,
    training_workload,
    views_workload,
)
from harness.tensors.device import Policy

FLOAT = Policy("cpu", "float32", 1)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

        def work(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: clock.now)
    return clock


def workload(clock, seconds: float, *, owner: str = "m", images: int = 32, single: bool = False):
    return Workload(owner, "w", images, lambda: None, lambda: clock.work(seconds), single)


def test_the_rate_is_images_over_seconds(clock) -> None:
    item = workload(clock, 0.1, images=32)
    time_slice(item, lambda: None)
    assert item.rates == [pytest.approx(320)]


def queued(clock, *, host: float, device: float):
    """Work that is queued in ``host`` seconds and takes ``device`` ones; and who waits for it."""
    waiting = []

    def call() -> None:
        waiting.append(1)
        clock.work(host)

    def synchronise() -> None:
        clock.work(device * len(waiting))
        waiting.clear()

    return Workload("m", "w", 10, lambda: None, call), synchronise


def test_what_the_device_still_has_to_do_counts(clock) -> None:
    item, synchronise = queued(clock, host=0.01, device=0.09)
    time_slice(item, synchronise)
    assert item.rates == [pytest.approx(100)]


def test_what_is_queued_quickly_takes_no_more_than_its_slice_of_the_device(clock) -> None:
    item, synchronise = queued(clock, host=0.0005, device=0.05)
    time_slice(item, synchronise, 0.5)
    assert clock.now < 0.5 + 2 * 0.0505
    assert item.rates == [pytest.approx(10 / 0.0505)]


def test_a_first_call_with_cold_caches_is_not_counted(clock) -> None:
    times = iter([0.04, *[0.01] * 1000])
    item = Workload("m", "w", 10, lambda: None, lambda: clock.work(next(times)), single=True)
    time_slice(item, lambda: None)
    assert item.rates == [pytest.approx(1000)]
    assert max(item.seconds) == pytest.approx(0.01)
    # Nor is the number of calls reckoned from it.
    assert len(item.seconds) >= 49


def test_a_cold_call_counts_for_no_model_that_fits_its_slice_twice(clock) -> None:
    """Of two models in one session the slower would have it, and the faster not."""
    times = iter([0.006, *[0.0024] * 100])
    item = Workload("m", "w", 1, lambda: None, lambda: clock.work(next(times)), single=True)
    time_slice(item, lambda: None, 0.02)
    assert max(item.seconds) == pytest.approx(0.0024)


@pytest.mark.skipif(not hasattr(signal, "SIGCONT"), reason="this system stops no processes")
def test_a_slice_in_which_the_process_was_stopped_is_done_again(clock) -> None:
    calls = []

    def call():
        calls.append(1)
        clock.work(0.01)
        if len(calls) == 20:  # Ctrl-Z, and fg after a minute.
            clock.work(60)
            os.kill(os.getpid(), signal.SIGCONT)

    item = Workload("m", "w", 10, lambda: None, call, single=True)
    earlier = signal.getsignal(signal.SIGCONT)
    watch_stops()
    try:
        time_slice(item, lambda: None)
    finally:
        signal.signal(signal.SIGCONT, earlier)
    assert item.rates == [pytest.approx(1000)]
    assert max(item.seconds) == pytest.approx(0.01)


def test_a_slow_workload_is_called_at_least_once(clock) -> None:
    item = workload(clock, 30)
    time_slice(item, lambda: None)
    assert item.rates == [pytest.approx(32 / 30)]


def test_single_calls_are_timed_one_by_one(clock) -> None:
    item = workload(clock, 1 / 16, images=1, single=True)
    time_slice(item, lambda: None)
    assert item.seconds == [1 / 16] * 8


def test_a_single_call_is_over_when_the_device_is(clock) -> None:
    queued = [0.0]

    def call() -> None:
        queued[0] += 1 / 16

    def synchronise() -> None:
        clock.work(queued[0])
        queued[0] = 0.0

    item = Workload("m", "w", 1, lambda: None, call, single=True)
    time_slice(item, synchronise)
    assert item.seconds == [1 / 16] * 8


def test_models_are_interleaved_so_that_drift_hits_all_alike(clock) -> None:
    pair = [workload(clock, 0.1, owner=name) for name in "ab"]
    order = [item.owner for item, step in interleave(pair, rounds=3) if step is time_slice]
    assert order == list("ababab")


def test_every_workload_is_warmed_up_before_the_first_is_timed(clock) -> None:
    pair = [workload(clock, 0.1, owner=name) for name in "ab"]
    steps = [step for _, step in interleave(pair, rounds=2)]
    assert steps[:2] == [throughput.warm_up] * 2
    assert throughput.warm_up not in steps[2:]
    throughput.warm_up(pair[0], lambda: None)
    assert pair[0].rates == []
    assert clock.now == pytest.approx(0.2)


def test_the_rate_of_a_record_is_the_median_with_its_extremes(clock) -> None:
    item = workload(clock, 1)
    item.rates += [10, 50, 30, 20, 40]
    rate = item.rate()
    assert (rate.images_per_second, rate.low, rate.high, rate.rounds) == (30, 10, 50, 5)


def test_percentiles_are_numpys_in_milliseconds() -> None:
    seconds = np.random.default_rng(0).exponential(0.01, 5000)
    found = latency_percentiles(seconds.tolist())
    expected = np.percentile(seconds * 1000, [50, 90, 99])
    assert found == pytest.approx(dict(zip(("p50", "p90", "p99"), expected, strict=True)))


@pytest.mark.parametrize(
    ("samples", "names"),
    [(0, []), (19, []), (20, ["p50"]), (100, ["p50", "p90"]), (1000, ["p50", "p90", "p99"])],
)
def test_a_percentile_that_the_sample_cannot_support_is_left_out(samples, names) -> None:
    assert list(latency_percentiles([0.001] * samples)) == names


def test_a_training_workload_trains_and_an_inference_workload_does_not() -> None:
    module = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, 3))
    images, labels = torch.randn(8, 1, 8, 8), torch.zeros(8, dtype=torch.int64)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    loss = nn.CrossEntropyLoss()
    step = training_workload("m", module, FLOAT, images, labels, loss, optimizer)
    predict = inference_workload("m", module, FLOAT, images, 4)
    assert (step.images, predict.images, predict.single) == (8, 4, False)

    before = module[2].weight.clone()
    predict.prepare()
    predict.call()
    assert torch.equal(module[2].weight, before)
    assert float(module[0].num_batches_tracked) == 0
    step.prepare()
    step.call()
    assert not torch.equal(module[2].weight, before)
    assert float(module[0].num_batches_tracked) == 1


def test_batch_size_1_is_the_one_whose_latency_is_taken() -> None:
    module = nn.Flatten()
    assert inference_workload("m", module, FLOAT, torch.zeros(2, 1, 4, 4), 1).single


def test_a_model_that_changes_its_input_is_given_the_same_again() -> None:
    seen = []

    class Rude(nn.Sequential):
        def forward(self, images):
            seen.append(float(images.detach().std()))
            images.mul_(1e9)
            return super().forward(images)

    module = Rude(nn.Flatten(), nn.Linear(64, 3))
    images, labels = torch.randn(8, 1, 8, 8), torch.zeros(8, dtype=torch.int64)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.0)
    loss = nn.CrossEntropyLoss()
    predict = inference_workload("m", module, FLOAT, images, 8)
    step = training_workload("m", module, FLOAT, images, labels, loss, optimizer)
    for _ in range(3):
        predict.call()
        step.call()
    assert seen == [pytest.approx(seen[0])] * 6


class Noting(nn.Sequential):
    """A linear layer that notes of each call how many images it got, and in what it computed."""

    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(64, 3))
        self.seen = []

    def forward(self, images):
        logits = super().forward(images)
        self.seen.append((len(images), logits.dtype))
        return logits


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_timed_is_a_batch_of_the_size_that_counts_in_the_policys_precision(precision):
    module, policy = Noting(), Policy("cpu", precision, 1)
    images, labels = torch.randn(8, 1, 8, 8), torch.zeros(8, dtype=torch.int64)
    optimizer, loss = torch.optim.SGD(module.parameters(), lr=0.1), nn.CrossEntropyLoss()
    for views, work in (
        (1, inference_workload("m", module, policy, images, 4)),
        (2, views_workload("m", module, policy, images, 4, "flip")),
        (14, views_workload("m", module, policy, images, 4, "views14")),
        (18, views_workload("m", module, policy, images, 4, "views18")),
        (1, training_workload("m", module, policy, images, labels, loss, optimizer)),
    ):
        module.seen.clear()
        work.prepare()
        work.call()
        assert module.seen == [(work.images, getattr(torch, precision))] * views
