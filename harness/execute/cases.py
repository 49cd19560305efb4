"""From a case of a bench to what is called and timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from harness.contract import ModelPlugin
from harness.execute.backends import BACKENDS, compiled
from harness.execute.build import build_from_seed, optimizer_of, unsupported
from harness.measure.stops import stops
from harness.measure.throughput import Workload, ready, training_workload, warm_up
from harness.plugins import Host
from harness.schema import BenchCase, BenchModel, BenchSpec
from harness.tensors.device import Policy
from harness.train.loss import make_loss

# Multiplications of square matrices of this size, in float32, are the reference for drift.
REFERENCE_SIZE = {"cpu": 512}
REFERENCE_SIZE_ELSEWHERE = 4096


@dataclass(frozen=True)
class Subject:
    """A model that was found and built, ready for its cases."""

    model: BenchModel
    plugin: ModelPlugin
    module: nn.Module
    build: Callable[[], nn.Module]


def find_subject(model: BenchModel, spec: BenchSpec, host: Host) -> Subject | str:
    """Find and build a model; or return its reason why it cannot be built for such images."""
    plugin, _ = host.find_model(model.model)
    reason = unsupported(plugin, spec.input_shape, spec.classes)
    if reason:
        return reason

    def build() -> nn.Module:
        shape, classes = spec.input_shape, spec.classes
        policy = Policy(spec.device, "float32", spec.threads)
        return build_from_seed(plugin, model.arguments, shape, classes, policy, spec.seed)

    return Subject(model, plugin, build(), build)


def prepare(case: BenchCase, subject: Subject, spec: BenchSpec) -> tuple[Workload, float | None]:
    """Return the case's warm workload, and the seconds of compiling, or exporting, it.

    They run from the built module to its first result; None where the process was stopped then.
    """
    policy = Policy(spec.device, case.precision, spec.threads)
    # What is compiled is compiled for the threads that are set.
    policy.apply()
    make = _workload(case, subject, policy, spec)
    started, stopped = time.perf_counter(), stops()
    workload = make()
    # torch.compile compiles in the first call.
    workload.prepare()
    workload.call()
    policy.synchronise()
    first = time.perf_counter() - started if stops() == stopped else None
    warm_up(workload, policy.synchronise)
    return workload, first


def _workload(
    case: BenchCase, subject: Subject, policy: Policy, spec: BenchSpec
) -> Callable[[], Workload]:
    """Build what the case needs; return what hands it to the backend."""
    images = torch.randn(case.batch_size, *spec.input_shape, device=spec.device)
    if case.mode == "inference":
        return partial(BACKENDS[case.backend], case.name, subject.module, policy, images)
    labels = torch.randint(spec.classes, (case.batch_size,), device=spec.device)
    recipe, plugin = subject.model.recipe, subject.plugin
    # A module of its own: what training does to weights and statistics is no matter of the others.
    module = subject.build()
    optimizer = optimizer_of(plugin, module, recipe, policy)
    loss = plugin.loss or make_loss(recipe)

    def make() -> Workload:
        whole = compiled(module) if case.backend == "compiled" else module
        return training_workload(case.name, whole, policy, images, labels, loss, optimizer)

    return make


def trainable(subject: Subject) -> bool:
    """Whether a module has anything to train."""
    return any(parameter.requires_grad for parameter in subject.module.parameters())


def reference_workload(device: str) -> tuple[Workload, float]:
    """Return a fixed matrix product, and how many GFLOP one call of it is."""
    size = REFERENCE_SIZE.get(torch.device(device).type, REFERENCE_SIZE_ELSEWHERE)
    one, two = (torch.randn(size, size, device=device) for _ in range(2))
    into = torch.empty(size, size, device=device)

    def call() -> None:
        with torch.inference_mode():
            torch.mm(one, two, out=into)

    return Workload("reference", "reference", 1, ready, call), 2 * size**3 / 1e9
