"""The life of one speed session: models interleaved in rounds while nothing else runs."""

from collections.abc import Sequence

import torch

from harness.execute.blame import Blame
from harness.execute.build import build_module, find_plugin, optimizer_of, policy_of
from harness.execute.records import ended_speed, make_speed
from harness.measure.stops import watch_stops
from harness.measure.throughput import (
    INFERENCE_BATCHES,
    Workload,
    inference_workload,
    interleave,
    latency_percentiles,
    training_workload,
    views_workload,
)
from harness.measure.watch import Watch
from harness.schema import Emit, RunSpec, SpeedRecord
from harness.train.loss import make_loss


def execute_speed(specs: Sequence[RunSpec], emit: Emit) -> list[SpeedRecord]:
    """Time the models of ``specs``, which differ in their speed keys, and return their records.

    They are rebuilt from their plugins; weights do not change how long arithmetic takes. A
    training step is forward, loss, backward and optimizer: what a recipe does to images before
    it, and to gradients and averages after it, is left out, and classes weigh the same. What a
    model raises becomes its record's reason, and the others go on.
    """
    policy = policy_of(specs[0])
    failed: dict[str, str] = {}
    workloads: list[Workload] = []
    for spec in specs:
        with Blame(spec.speed_key, failed, emit):
            workloads += _workloads(spec)
    watch_stops()
    watch = Watch()
    for workload, step in interleave(workloads):
        if workload.owner not in failed:
            # What one of them sets for the whole process as it is called is no other's.
            policy.apply()
            with Blame(workload.owner, failed, emit):
                step(workload, policy.synchronise)
            watch.mark()
    notes = tuple(watch.notes())
    return [_record(spec, specs, workloads, failed, notes) for spec in specs]


def _workloads(spec: RunSpec) -> list[Workload]:
    model, policy, owner = find_plugin(spec), policy_of(spec), spec.speed_key
    module = build_module(model, spec)
    count = max(spec.step_size, *INFERENCE_BATCHES)
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
    # A module of its own: what a module keeps of a prediction, made in inference mode, is unfit
    # for a training step.
    module = build_module(model, spec)
    step = training_workload(
        owner,
        module,
        policy,
        images[: spec.step_size],
        labels[: spec.step_size],
        model.loss or make_loss(recipe),
        optimizer_of(model, module, recipe, policy),
    )
    return [step, *workloads]


def _record(
    spec: RunSpec,
    specs: Sequence[RunSpec],
    workloads: Sequence[Workload],
    failed: dict[str, str],
    notes: tuple[str, ...],
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
        notes=notes,
    )
