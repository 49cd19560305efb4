"""Ensembles of finished runs, made from their stored probabilities without any training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import reduce
from operator import add
from typing import TypeVar

from harness.errors import DataError, RequestError, unknown
from harness.evaluate.assess import assess
from harness.evaluate.ensemble import Predictions, mean_predictions
from harness.report.comparison import Comparison, Row
from harness.report.evidence import Reader
from harness.schema import Cost, Rate, RunRecord, SpeedRecord, device_kind

Warn = Callable[[str], None]
N = TypeVar("N", int, float)


def with_ensembles(
    comparison: Comparison, reader: Reader, patterns: Sequence[str] = (), warn: Warn = print
) -> Comparison:
    """Return the comparison with an ensemble of each model's seeds, and one for each pattern.

    A pattern is a model's name, a label or a wildcard over either (``vgg*``); it takes in all
    seeds of what it matches, each network once. Parts without predictions are a warning, and the
    ensemble is left out. Raises `RequestError` for a pattern that matches fewer than two finished
    runs.
    """
    chosen = [
        (f"{group.label}: ensemble of {len(group.rows)} seeds", group.rows)
        for group in comparison.groups
        if len(group.rows) > 1
    ]
    chosen += [_matching(comparison, pattern) for pattern in patterns]
    # Of the same networks there is one ensemble for each kind of views.
    unique: dict[tuple[frozenset[str], str], tuple[str, tuple[Row, ...]]] = {}
    for label, rows in chosen:
        weights = frozenset(row.weights for row in rows)
        unique.setdefault((weights, _views(rows)), (label, rows))
    made = {key: _make(label, rows, reader, warn) for key, (label, rows) in unique.items()}
    found = {key: row for key, row in made.items() if row}
    # Without views it is the same as with such, less the figures over them.
    over = {weights for weights, views in found if views}
    ensembles = [row for (weights, views), row in found.items() if views or weights not in over]
    return replace(comparison, ensembles=tuple(sorted(ensembles, key=_rank)))


def _matching(comparison: Comparison, pattern: str) -> tuple[str, tuple[Row, ...]]:
    matching = (
        row
        for group in comparison.groups
        for row in group.rows
        if any(_matches(name, pattern) for name in (row.record.model, group.label, row.label))
    )
    # One network over other views is no second part.
    by_weights: dict[str, Row] = {}
    for row in matching:
        by_weights.setdefault(row.weights, row)
    rows = tuple(by_weights.values())
    if len(rows) < 2:
        names = {name for row in comparison.done for name in (row.record.model, row.label)}
        found = f"only {rows[0].label}" if rows else unknown("model", pattern, names)
        raise RequestError(
            f"--ensemble {pattern}: an ensemble needs two finished runs or more, found {found}"
        )
    return f"{pattern}: ensemble of {len(rows)} runs", rows


def _views(rows: Sequence[Row]) -> str:
    """Return the kind of views that all of them were evaluated over; an empty text for none."""
    kinds = {row.record.protocol.tta for row in rows if row.record.protocol}
    return kinds.pop() if len(kinds) == 1 and kinds != {"none"} else ""


def _matches(name: str, pattern: str) -> bool:
    # Brackets are arguments here and no set of characters: vgg[width=16].
    return name == pattern or fnmatchcase(name, pattern.replace("[", "[[]"))


def _make(label: str, rows: Sequence[Row], reader: Reader, warn: Warn) -> Row | None:
    found = [reader(row.record) for row in rows]
    unfit: dict[str, list[str]] = {}
    for row, one in zip(rows, found, strict=True):
        if why := one.why_unfit(row.record) or one.why_unfit_on_valid(row.record):
            unfit.setdefault(why, []).append(row.label)
    if unfit:
        whose = (f"{', '.join(names)}: {why}" for why, names in unfit.items())
        warn(f"{label}: left out ({'; '.join(whose)})")
        return None
    try:
        predictions = mean_predictions([one.predictions for one in found])
    except DataError as error:
        warn(f"{label}: left out, since {error}")
        return None
    if len({row.record.protocol.tta for row in rows}) > 1:
        # The mean over views of one kind and of another is one over no kind of views.
        predictions = {name: one for name, one in predictions.items() if "_tta" not in name}
    record = _record(label, [row.record for row in rows], predictions)
    return Row(
        record,
        speed=_speed([row.speed for row in rows]),
        label=label,
        parts=tuple(row.label for row in rows),
        predicted=predictions["test_probabilities"].argmax(axis=1),
    )


def _record(label: str, records: Sequence[RunRecord], predictions: Predictions) -> RunRecord:
    """Return what stands for an ensemble in the tables: no run, so it is in no store."""
    first = records[0]
    machines = [one.environment.machine if one.environment else "" for one in records]
    keys = ",".join(sorted(record.key for record in records))
    return first.model_copy(
        update={
            **assess(predictions, first.dataset.classes),
            "train": None,
            "key": hashlib.sha256(keys.encode()).hexdigest(),
            "model": label,
            "arguments": {},
            "overrides": {},
            "selected_epoch": None,
            "cost": _cost([record.cost for record in records]),
            "environment": first.environment if len(set(machines)) == 1 else None,
        }
    )


def _cost(costs: Sequence[Cost | None]) -> Cost | None:
    """Return the sums; a peak of memory has none, since parts need not lie side by side."""
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    return Cost(
        parameters=sum(cost.parameters for cost in known),
        flops=_sum([cost.flops for cost in known]),
        train_seconds=_sum([cost.train_seconds for cost in known]),
        valid_seconds=_sum([cost.valid_seconds for cost in known]),
    )


def _sum(values: Sequence[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return reduce(add, known) if len(known) == len(values) else None


def _speed(speeds: Sequence[SpeedRecord | None]) -> SpeedRecord | None:
    """Return the speed of all parts one after the other, if all were timed in the same way."""
    known = [speed for speed in speeds if speed is not None and speed.status == "done"]
    ways = {
        (speed.environment.machine, device_kind(speed.device), speed.threads) for speed in known
    }
    if len(known) < len(speeds) or len(ways) > 1:
        return None
    first = known[0]
    medians = [speed.latency_ms.get("p50") for speed in known]
    latency = _sum(medians)
    return first.model_copy(
        update={
            "inference": _rates([speed.inference for speed in known]),
            "inference_tta": _rates([speed.inference_tta for speed in known])
            if len({speed.tta for speed in known}) == 1
            else {},
            "train_step": None,
            "latency_ms": {} if latency is None else {"p50": latency},
        }
    )


def _rates(parts: Sequence[Mapping[int, Rate]]) -> dict[int, Rate]:
    """Return the rates of all parts one after the other, at the batch sizes that all have."""
    sizes = set.intersection(*(set(part) for part in parts))
    return {size: _in_turn([part[size] for part in parts]) for size in sorted(sizes)}


def _in_turn(rates: Sequence[Rate]) -> Rate:
    """Return the rate at which every image goes through all parts."""

    def together(values: Iterable[float]) -> float:
        return 1 / sum(1 / value for value in values)

    return Rate(
        images_per_second=together(rate.images_per_second for rate in rates),
        low=together(rate.low for rate in rates),
        high=together(rate.high for rate in rates),
        rounds=min(rate.rounds for rate in rates),
    )


def _rank(row: Row) -> tuple[float, str]:
    return -(row.record.test.accuracy if row.record.test else 0.0), row.label
