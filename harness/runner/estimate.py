"""About how long runs will take, judged by runs that are there."""

import heapq
from collections.abc import Iterable, Sequence
from statistics import median

from harness.schema import Cost, Epoch, RunRecord, RunSpec


def seconds_left(
    spec: RunSpec, records: Sequence[RunRecord], epochs: Sequence[Epoch]
) -> float | None:
    """Return the training and validation time that is left, or None where nothing tells.

    Judged by the median of the run's own ``epochs``, those that it has behind it; before the first
    one by the throughput of a finished run of the same model, on a machine computing alike: the
    same speed key if there is one, else the same arguments.
    """
    if epochs:
        each = median(epoch.train_seconds + epoch.valid_seconds for epoch in epochs)
        return each * (spec.recipe.epochs - len(epochs))
    cost = _closest(spec, records)
    if cost is None or not cost.train_images_per_second:
        return None
    images = spec.dataset.counts["train"] * spec.recipe.epochs
    training = images / cost.train_images_per_second
    validation = (cost.valid_seconds or 0) / (cost.train_seconds or 1)
    return training * (1 + validation)


def together(seconds: Iterable[float], jobs: int) -> float:
    """Return how long work of so many ``seconds`` each takes, ``jobs`` at a time, in this order."""
    lanes = [0.0] * jobs
    for each in seconds:
        heapq.heapreplace(lanes, lanes[0] + each)
    return max(lanes)


def _closest(spec: RunSpec, records: Sequence[RunRecord]) -> Cost | None:
    like = [
        record
        for record in records
        if record.cost
        and (record.model, record.arguments) == (spec.model, spec.arguments)
        and (record.device, record.precision, record.threads)
        == (spec.device, spec.precision, spec.threads)
        and record.dataset.input_shape == spec.dataset.input_shape
    ]
    same = [record for record in like if record.speed_key == spec.speed_key]
    latest = max(same or like, key=lambda record: record.finished_at, default=None)
    return latest.cost if latest else None
