"""About how long runs will take, judged by runs that are there."""

import heapq
from collections.abc import Iterable, Sequence
from statistics import median

from harness.schema import Cost, Epoch, Recipe, RunRecord, RunSpec, device_kind


def seconds_left(
    spec: RunSpec, records: Sequence[RunRecord], epochs: Sequence[Epoch]
) -> float | None:
    """Return the training and validation time that is left, or None where nothing tells.

    Judged by the median of the run's own ``epochs``, those that it has behind it; before the first
    one by the throughput of a finished run of the same model and arguments, on a machine computing
    alike: one whose images grew alike if there is one, and with the same speed key.
    """
    if len(epochs) >= spec.recipe.epochs:
        return 0.0
    if epochs:
        each = median(epoch.train_seconds + epoch.valid_seconds for epoch in epochs)
        return each * (spec.recipe.epochs - len(epochs))
    record = _closest(spec, records)
    if record is None or record.cost is None:
        return None
    cost, rate = record.cost, _images_per_second(record, record.cost)
    if not rate:
        return None
    training = spec.dataset.counts["train"] * spec.recipe.epochs / rate
    validation = (cost.valid_seconds or 0) / (cost.train_seconds or 1)
    return training * (1 + validation)


def together(seconds: Iterable[float], jobs: int) -> float:
    """Return how long work of so many ``seconds`` each takes, ``jobs`` at a time, in this order."""
    lanes = [0.0] * jobs
    for each in seconds:
        heapq.heapreplace(lanes, lanes[0] + each)
    return max(lanes)


def _sizes(recipe: Recipe) -> tuple[float, float]:
    """Return what an epoch's size of images depends on, beside its share of the epochs."""
    return recipe.initial_scale, 0.0 if recipe.initial_scale == 1 else recipe.full_scale_from


def _closest(spec: RunSpec, records: Sequence[RunRecord]) -> RunRecord | None:
    like = [
        record
        for record in records
        if record.cost
        and _images_per_second(record, record.cost)
        and (record.model, record.arguments) == (spec.model, spec.arguments)
        and device_kind(record.device) == device_kind(spec.device)
        and (record.precision, record.threads) == (spec.precision, spec.threads)
        and record.dataset.input_shape == spec.dataset.input_shape
    ]
    return max(
        like,
        key=lambda record: (
            _sizes(record.recipe) == _sizes(spec.recipe),
            record.speed_key == spec.speed_key,
            record.finished_at,
        ),
        default=None,
    )


def _images_per_second(record: RunRecord, cost: Cost) -> float | None:
    """Return a finished run's training throughput: the median over its epochs, if they are alike.

    Where images grew, the last epochs were slower than the first: all images over all the time.
    """
    recipe = record.recipe
    if recipe.initial_scale == 1 or not cost.train_seconds:
        return cost.train_images_per_second_end_to_end
    epochs = recipe.epochs
    if recipe.early_stopping:
        epochs = min(epochs, (record.selected_epoch or 0) + recipe.early_stopping)
    return epochs * record.dataset.counts["train"] / cost.train_seconds
