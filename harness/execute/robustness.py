"""The life of one evaluation on corrupted images: a finished run's weights, on the test split."""

import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from harness.contract.raised import reason_of
from harness.data.splits import Split, Splits
from harness.errors import RunError
from harness.evaluate.corruptions import CORRUPTIONS, STRENGTHS, Corruption, Pixels, corrupt
from harness.evaluate.predict import check_output, predict_probabilities
from harness.evaluate.predictions import read_predictions
from harness.execute.blame import print_trace
from harness.execute.build import build_module, find_plugin, open_planned, policy_of
from harness.execute.judge import seed_pass
from harness.execute.records import now
from harness.schema import (
    CORRUPTIONS_VERSION,
    CorruptionResult,
    Emit,
    Event,
    RobustnessRecord,
    RunSpec,
    StrengthResult,
)
from harness.store import Store
from harness.tensors.batches import Batches
from harness.tensors.device import Policy
from harness.train.checkpoint import Checkpoints

Classify = Callable[[Pixels], NDArray[np.intp]]

# One for all runs: with the same libraries, every model sees the very same corrupted images.
SEED = 0
LIBRARIES = ("numpy", "pillow", "scipy")
# What a GPU rounds otherwise may turn an image or two, never so many.
MOST_APART = 0.02


def execute_robustness(spec: RunSpec, emit: Emit) -> RobustnessRecord | str:
    """Evaluate a run that is done, save its robustness and return it; or why that cannot be.

    An exception from the plugin on, an exit among them, becomes the reason; its traceback goes to
    standard error.
    """
    store = Store(Path(spec.store))
    place = "starting"

    def enter(event: Event) -> None:
        nonlocal place
        place = event.text
        emit(event)

    try:
        with store.lock(spec):
            record = _evaluate(spec, store, enter)
            store.save_robustness(spec, record)
    except KeyboardInterrupt:
        raise
    # A plugin may call sys.exit, and raise what is no Exception, like asyncio's CancelledError.
    except BaseException as error:
        print_trace(error)
        return f"{place}: {reason_of(error)}"
    return record


def _evaluate(spec: RunSpec, store: Store, enter: Emit) -> RobustnessRecord:
    started = time.perf_counter()
    enter(Event(kind="stage", text="reading the data"))
    policy = policy_of(spec)
    splits = open_planned(spec)
    classify = _classifier(_trained(spec, store, splits, policy, enter), splits, policy, spec)
    images, labels = np.asarray(splits.test.images), splits.test.labels
    enter(Event(kind="stage", text="evaluating the uncorrupted images"))
    predicted = classify(images)
    _check_weights(spec, store, predicted)
    clean = int((predicted == labels).sum())
    total = len(CORRUPTIONS) * len(STRENGTHS)
    results = []
    for number, corruption in enumerate(CORRUPTIONS.values()):
        counts = []
        for strength in STRENGTHS:
            done = (number * len(STRENGTHS) + strength - 1) / total
            text = f"{corruption.name}, strength {strength}"
            enter(Event(kind="corruption", text=text, fraction=done))
            predicted = classify(corrupt(images, corruption.name, strength, SEED))
            counts.append(int((predicted == labels).sum()))
        results.append(_result(corruption, counts, len(images)))
    mean = sum(result.accuracy for result in results) / len(results)
    accuracy = clean / len(images)
    return RobustnessRecord(
        key=spec.key,
        version=CORRUPTIONS_VERSION,
        seed=SEED,
        n=len(images),
        uncorrupted_correct=clean,
        uncorrupted_accuracy=accuracy,
        corruptions=tuple(results),
        mean_accuracy=mean,
        relative_loss=(accuracy - mean) / accuracy if clean else None,
        seconds=time.perf_counter() - started,
        libraries={name: metadata.version(name) for name in LIBRARIES},
        evaluated_at=now(),
    )


def _trained(spec: RunSpec, store: Store, splits: Splits, policy: Policy, enter: Emit) -> nn.Module:
    """Return the run's model with the weights that it was judged by."""
    enter(Event(kind="stage", text="trying the model"))
    module = build_module(find_plugin(spec), spec)
    # As the run did: some modules set themselves up by the first images.
    check_output(
        module, _batches(splits.valid, splits, policy, spec), policy, len(spec.dataset.classes)
    )
    enter(Event(kind="stage", text="reading the weights"))
    try:
        Checkpoints(store.run_folder(spec)).load_best(module)
    except RunError as error:
        raise RunError(f"{error}; `harness run` with --force makes the run again") from error
    return module


def _classifier(module: nn.Module, splits: Splits, policy: Policy, spec: RunSpec) -> Classify:
    """Return what gives the likeliest class of each of the images ``(N, …)``."""

    def classify(images: Pixels) -> NDArray[np.intp]:
        batches = _batches(Split(images, splits.test.labels), splits, policy, spec)
        # A model that draws as it predicts draws what it drew when the run was judged.
        seed_pass(spec, "test")
        predicted: NDArray[np.intp] = predict_probabilities(module, batches, policy).argmax(axis=1)
        return predicted

    return classify


def _batches(split: Split, splits: Splits, policy: Policy, spec: RunSpec) -> Batches:
    how = spec.recipe.normalize
    return Batches(split, splits.mean, splits.std, policy.torch_device, normalize=how)


def _check_weights(spec: RunSpec, store: Store, predicted: NDArray[np.intp]) -> None:
    """Raise `RunError` where the weights do not predict what the run did."""
    record = store.find(spec)
    if record is None or record.test is None:
        raise RunError("the run has no result yet; `harness run` makes it")
    known = read_predictions(store.run_folder(spec))["test_probabilities"].argmax(axis=1)
    apart = int((known != predicted).sum())
    if apart > max(2, MOST_APART * len(known)):
        raise RunError(
            f"the weights predict another class of {apart} of {len(known)} test images than the "
            "run did: they are not this run's; `harness run` with --force makes it again"
        )


def _result(corruption: Corruption, counts: list[int], n: int) -> CorruptionResult:
    return CorruptionResult(
        name=corruption.name,
        parameter=corruption.parameter,
        unit=corruption.unit,
        strengths=tuple(
            StrengthResult(strength=strength, value=value, correct=correct, accuracy=correct / n)
            for strength, value, correct in zip(STRENGTHS, corruption.values, counts, strict=True)
        ),
    )
