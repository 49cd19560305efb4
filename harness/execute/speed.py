"""The life of one speed session: models interleaved in rounds while nothing else runs."""

import traceback
from collections.abc import Callable, Sequence

import torch

from harness.execute.build import build_module, find_plugin, policy_of
from harness.execute.records import ended_speed, make_speed, sentence
from harness.measure.throughput import (
    INFERENCE_BATCHES,
    Workload,
    inference_workload,
    interleave,
    latency_percentiles,
    training_workload,
    views_workload,
)
from harness.schema import Event, RunSpec, SpeedRecord
from harness.train.loss import make_loss
from harness.train.optim import make_optimizer

Emit = Callable[[Event], None]


def execute_speed(specs: Sequence[RunSpec], emit: Emit) -> list[SpeedRecord]:
    """Time the models of ``specs``, which differ in their speed keys, and return their records.

    They are rebuilt from their plugins; weights do not change how long arithmetic takes. A
    training step is forward, loss, backward and optimizer: what a recipe does to images before
    it, and to gradients and averages after it, is left out, and classes weigh the same. What a
    model raises becomes its record's reason, and the others go on.
    """
    policy = policy_of(specs[0])
    policy.apply()
    failed: dict[str, str] = {}
    workloads: list[Workload] = []
    for spec in specs:
        with _blame(spec.speed_key, failed, emit):
            workloads += _workloads(spec)
    for workload, step in interleave(workloads):
        if workload.owner not in failed:
            with _blame(workload.owner, failed, emit):
                step(workload, policy.synchronise)
    return [_record(spec, specs, workloads, failed) for spec in specs]


class _blame:
    """Tell whose turn it is, and note what goes wrong in it as that model's failure."""

    def __init__(self, owner: str, failed: dict[str, str], emit: Emit) -> None:
        self._owner, self._failed, self._emit = owner, failed, emit

    def __enter__(self) -> None:
        # The parent needs this to know whom to blame if the process dies.
        self._emit(Event(kind="stage", text="timing", owner=self._owner))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception | SystemExit):
            return False
        traceback.print_exception(error)
        self._failed[self._owner] = f"timing: {sentence(error)}"
        return True


def _workloads(spec: RunSpec) -> list[Workload]:
    model, policy, owner = find_plugin(spec), policy_of(spec), spec.speed_key
    module = build_module(model, spec)
    count = max(spec.recipe.batch_size, *INFERENCE_BATCHES)
    images = torch.randn(count, *spec.dataset.input_shape, device=policy.torch_device)
    labels = torch.randint(len(spec.dataset.classes), (count,), device=policy.torch_device)
    workloads = [
        inference_workload(owner, module, policy, images, size) for size in INFERENCE_BATCHES
    ]
    recipe = spec.recipe
    if recipe.tta != "none":
        workloads += [
            views_workload(owner, module, policy, images, size, recipe.tta)
            for size in INFERENCE_BATCHES
        ]
    if recipe.epochs == 0:
        return workloads
    optimizer = model.optimizer or make_optimizer
    step = training_workload(
        owner,
        module,
        policy,
        images[: recipe.batch_size],
        labels[: recipe.batch_size],
        model.loss or make_loss(recipe),
        optimizer(module, recipe),
    )
    return [step, *workloads]


def _record(
    spec: RunSpec, specs: Sequence[RunSpec], workloads: Sequence[Workload], failed: dict[str, str]
) -> SpeedRecord:
    if spec.speed_key in failed:
        return ended_speed(spec, "failed", failed[spec.speed_key])
    own = {item.name: item for item in workloads if item.owner == spec.speed_key}
    single, tta = own["1"].seconds, spec.recipe.tta
    return make_speed(
        spec,
        "done",
        train_step=own["train"].rate() if "train" in own else None,
        inference={size: own[str(size)].rate() for size in INFERENCE_BATCHES},
        tta=tta,
        inference_tta={
            size: own[f"{size} {tta}"].rate() for size in INFERENCE_BATCHES if tta != "none"
        },
        latency_ms=latency_percentiles(single),
        latency_samples=len(single),
        beside=tuple(sorted({other.model for other in specs if other is not spec})),
    )
