"""Quality, second against first, on the same test images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from harness.evaluate.paired import (
    SEEDS_FOR_A_VERDICT,
    Difference,
    compare_models,
    compare_weights,
    same_seed,
)
from harness.schema import RunRecord
from harness.versus.judgement import QUALITY, Judgement, of_interval
from harness.versus.match import Match
from harness.versus.predictions import Predictions, read_predictions
from harness.versus.side import Result

Known = tuple[Result, Predictions]


def judge_quality(match: Match) -> list[Judgement]:
    """Return a judgement for accuracy, UAR and macro-F1."""
    reason = _incomparable(match.first[0].record, match.second[0].record)
    if reason:
        return [_unjudged(match, metric, reason) for metric in QUALITY]
    first, unfit = _known(match.first)
    second, others = _known(match.second)
    notes = _without("first", unfit), _without("second", others), _computed(match)
    without = "; ".join(filter(None, notes))
    if not first or not second:
        return [_unjudged(match, metric, without) for metric in QUALITY]
    judged = _judge(match, first, second)
    return (
        [replace(one, reason=f"{one.reason}; {without}") for one in judged] if without else judged
    )


def _judge(match: Match, first: Sequence[Known], second: Sequence[Known]) -> list[Judgement]:
    labels = first[0][1].labels
    if any(not np.array_equal(one.labels, labels) for _, one in (*first, *second)):
        return [_unjudged(match, metric, "the test labels differ") for metric in QUALITY]
    if min(len(first), len(second)) >= SEEDS_FOR_A_VERDICT:
        return _by_models(match, first, second)
    return _by_weights(match, *_of_same_seed(first, second))


def _incomparable(one: RunRecord, two: RunRecord) -> str:
    """Say what of the data and of how it is judged differs; an empty text if nothing does.

    Normalisation, views and pretraining are choices of a model, and not of its judge.
    """
    if one.dataset.fingerprint != two.dataset.fingerprint:
        return (
            f"the data differs ({one.dataset.name} {one.dataset.fingerprint[:8]}, "
            f"{two.dataset.name} {two.dataset.fingerprint[:8]})"
        )
    judged = ("version", "selection", "test")
    before, after = one.protocol, two.protocol
    differing = [name for name in judged if getattr(before, name) != getattr(after, name)]
    return f"the protocol differs ({', '.join(differing)})" if differing else ""


def _computed(match: Match) -> str:
    """Say that the sides compute in another precision; an empty text where they do not."""
    precisions = [side[0].record.precision for side in (match.first, match.second)]
    return "" if precisions[0] == precisions[1] else " against ".join(precisions)


def quality_values(results: Sequence[Result]) -> dict[str, float | None]:
    """Return each figure of quality as the mean over the runs."""
    return {metric: fmean(_values(results, metric)) for metric in QUALITY}


def _unjudged(match: Match, metric: str, reason: str) -> Judgement:
    return Judgement(match.label, metric, *_means(match, metric), "not comparable", reason)


def _means(match: Match, metric: str) -> tuple[float, float]:
    return fmean(_values(match.first, metric)), fmean(_values(match.second, metric))


def _values(results: Iterable[Result], metric: str) -> list[float]:
    return [float(getattr(one.record.test, metric)) for one in results]


def _known(results: Iterable[Result]) -> tuple[list[Known], dict[str, list[int]]]:
    """Return the runs with predictions of use, and the seeds of the others by the reason."""
    known: list[Known] = []
    unfit: dict[str, list[int]] = {}
    for one in results:
        found = read_predictions(one)
        if isinstance(found, str):
            unfit.setdefault(found, []).append(one.record.seed)
        else:
            known.append((one, found))
    return known, unfit


def _without(side: str, unfit: Mapping[str, Sequence[int]]) -> str:
    """Say which seeds of a side a verdict is without; an empty text if none."""
    parts = (
        f"{'seeds' if len(seeds) > 1 else 'seed'} {', '.join(map(str, seeds))} ({reason})"
        for reason, seeds in unfit.items()
    )
    return f"without {' and '.join(parts)} of the {side} side" if unfit else ""


def _by_models(match: Match, first: Sequence[Known], second: Sequence[Known]) -> list[Judgement]:
    classes = len(first[0][0].record.dataset.classes)
    before, after = (np.stack([one.predicted for _, one in side]) for side in (first, second))
    reason = f"bootstrap over {len(first)} and {len(second)} seeds and the test images"
    return [
        _judgement(match, (one for one, _ in first), (one for one, _ in second), found, reason)
        for found in compare_models(first[0][1].labels, after, before, classes)
    ]


def _judgement(
    match: Match,
    first: Iterable[Result],
    second: Iterable[Result],
    found: Difference,
    reason: str,
) -> Judgement:
    return Judgement(
        match.label,
        found.metric,
        fmean(_values(first, found.metric)),
        fmean(_values(second, found.metric)),
        of_interval(found.low, found.high),
        reason,
        found.value,
        found.low,
        found.high,
        found.p,
        # Gates ask for the mean over all seeds, those without predictions among them.
        means=_means(match, found.metric),
    )


def _of_same_seed(first: Sequence[Known], second: Sequence[Known]) -> tuple[Known, Known]:
    one = {known[0].record.seed: known for known in first}
    two = {known[0].record.seed: known for known in second}
    left, right = same_seed(one, two)
    return one[left], two[right]


def _by_weights(match: Match, first: Known, second: Known) -> list[Judgement]:
    """Judge accuracy by one weight file of each side; the other metrics need seeds."""
    (left, before), (right, after) = first, second
    found = compare_weights(before.labels, after.predicted, before.predicted)
    reason = (
        f"exact McNemar's test of two weight files (seeds {left.record.seed} and "
        f"{right.record.seed}): about these, not about the models; {SEEDS_FOR_A_VERDICT} seeds "
        "each would be"
    )
    accuracy = _judgement(match, [left], [right], found, reason)
    few = f"fewer than {SEEDS_FOR_A_VERDICT} seeds on a side; the values are of the same files"
    others = (
        Judgement(
            match.label,
            metric,
            _values([left], metric)[0],
            _values([right], metric)[0],
            "inconclusive",
            few,
            means=_means(match, metric),
        )
        for metric in ("uar", "macro_f1")
    )
    return [accuracy, *others]
