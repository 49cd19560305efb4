"""Inference and training step of every discovered model: a row a model and batch size.

Rates, cost and latency percentiles, which pytest-benchmark's columns lack, stand in ``extra_info``
of the JSON (``--benchmark-json``). Quality is what `harness run` measures, on data.
"""

import pytest
import torch

from harness.execute.build import build_from_seed, optimizer_of, unsupported
from harness.measure.cost import count_flops, count_parameters
from harness.measure.throughput import (
    INFERENCE_BATCHES,
    inference_workload,
    latency_percentiles,
    training_workload,
)
from harness.plugins import discover
from harness.tensors.device import resolve
from harness.train.loss import make_loss

INPUT_SHAPE, CLASSES = (1, 48, 48), 7
MODELS = [model for model, _ in discover().models]


@pytest.fixture(params=MODELS, ids=lambda model: model.name)
def model(request):
    return request.param


@pytest.fixture
def policy():
    policy = resolve()
    policy.apply()
    return policy


@pytest.fixture
def module(model, policy):
    if reason := unsupported(model, INPUT_SHAPE, CLASSES):
        pytest.skip(f"{model.name} {reason}")
    return build_from_seed(model, {}, INPUT_SHAPE, CLASSES, policy, seed=0)


def note(benchmark, model, module, policy, images: int) -> None:
    seconds = benchmark.stats.stats.data
    benchmark.extra_info.update(
        model=model.name,
        batch_size=images,
        precision=policy.precision,
        threads=policy.threads,
        parameters=count_parameters(module),
        flops=count_flops(module, INPUT_SHAPE),
        images_per_second=images / benchmark.stats.stats.median,
        latency_ms=latency_percentiles(seconds),
    )


@pytest.mark.parametrize("batch_size", INFERENCE_BATCHES)
@pytest.mark.benchmark(group="inference")
def test_inference(benchmark, model, module, policy, batch_size):
    images = torch.randn(batch_size, *INPUT_SHAPE, device=policy.device)
    workload = inference_workload(model.name, module, policy, images, batch_size)
    workload.prepare()

    def call() -> None:
        workload.call()
        policy.synchronise()

    benchmark(call)
    note(benchmark, model, module, policy, batch_size)


@pytest.mark.benchmark(group="training step")
def test_training_step(benchmark, model, module, policy):
    size = model.recipe.batch_size
    images = torch.randn(size, *INPUT_SHAPE, device=policy.device)
    labels = torch.randint(CLASSES, (size,), device=policy.device)
    loss = model.loss or make_loss(model.recipe)
    optimizer = optimizer_of(model, module, model.recipe, policy)
    workload = training_workload(model.name, module, policy, images, labels, loss, optimizer)
    workload.prepare()

    def call() -> None:
        workload.call()
        policy.synchronise()

    benchmark(call)
    note(benchmark, model, module, policy, size)
