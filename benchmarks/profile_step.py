"""Where a training step's time goes, by kind of operation.

``python benchmarks/profile_step.py vgg`` prints the table of docs/performance.md, by
`torch.profiler` over some steps of the harness's own timed workload.
"""

import argparse
from collections import Counter
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from harness.execute.build import build_from_seed, optimizer_of
from harness.measure.throughput import training_workload
from harness.plugins import discover
from harness.tensors.device import resolve
from harness.train.loss import make_loss

SHAPE, CLASSES, STEPS = (1, 48, 48), 7, 5
# What torch calls the step of any optimizer.
OPTIMIZER = "Optimizer.step#"
# The first kind whose word is part of an operation's name has it.
KINDS = {
    "convolution, backward": ("convolution_backward",),
    "convolution, forward": ("convolution",),
    "batch norm": ("batch_norm",),
    "pooling": ("max_pool", "adaptive", "amax"),
    "ReLU": ("threshold", "clamp_min", "relu"),
    "linear layers": ("addmm", "::mm", "matmul"),
    "dropout": ("bernoulli", "dropout", "div_"),
    "optimizer": ("Optimizer", "foreach"),
    "conversions and copies": ("copy_", "_to_copy", "contiguous", "fill_", "zero_"),
}


def kind_of(operation: str) -> str:
    for kind, words in KINDS.items():
        if any(word in operation for word in words):
            return kind
    return "all else"


def profiled(name: str, precision: str) -> tuple[Counter[str], float]:
    """Return milliseconds a step by kind of operation, and their sum."""
    policy = resolve("cpu", precision)
    model, _ = discover().find_model(name)
    module = build_from_seed(model, {}, SHAPE, CLASSES, policy, seed=0)
    size = model.recipe.batch_size
    images, labels = torch.randn(size, *SHAPE), torch.randint(CLASSES, (size,))
    optimizer = optimizer_of(model, module, model.recipe, policy)
    loss = model.loss or make_loss(model.recipe)
    work = training_workload(name, module, policy, images, labels, loss, optimizer)
    work.prepare()
    for _ in range(STEPS):
        work.call()
    with profile(activities=[ProfilerActivity.CPU]) as found:
        for _ in range(STEPS):
            work.call()
    times: Counter[str] = Counter()
    for event in found.events():
        kind = "optimizer" if _is_of_optimizer(event) else kind_of(event.name)
        times[kind] += event.self_cpu_time_total / 1000 / STEPS
    return times, sum(times.values())


def _is_of_optimizer(event: Any) -> bool:
    """Whether an operation is part of ``optimizer.step``: Muon's are matrix products, too."""
    while event is not None:
        if event.name.startswith(OPTIMIZER):
            return True
        event = event.cpu_parent
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--precision", default="auto")
    given = parser.parse_args()
    times, whole = profiled(given.model, given.precision)
    print(f"| {given.model} | ms a step | share |\n| --- | --- | --- |")
    for kind, milliseconds in times.most_common():
        print(f"| {kind} | {milliseconds:.1f} | {100 * milliseconds / whole:.0f} % |")
    print(f"| sum | {whole:.1f} | |")


if __name__ == "__main__":
    main()
