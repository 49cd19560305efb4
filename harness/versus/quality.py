"""Quality, second against first, on the same test images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.paired import (
    SEEDS_FOR_A_VERDICT,
    Difference,
    compare_models,
    compare_weights,
    same_seed,
)
from harness.schema import RunRecord
from harness.versus.judgement import OFFICIAL, Judgement, of_interval
from harness.versus.match import Match
from harness.versus.predictions import Predictions, read_predictions
from harness.versus.question import CLEAN, WHOLE, Images, Question
from harness.versus.side import Result

Known = tuple[Result, Predictions]
Read = Sequence[tuple[Result, Predictions | str]]


def judge_quality(match: Match) -> list[Judgement]:
    """Return a judgement for accuracy, UAR and macro-F1: on the test, and on the clean test.

    The latter where a side was audited.
    """
    audited = any(one.record.test_clean for one in (*match.first, *match.second))
    questions = [Question(match, images) for images in ((WHOLE, CLEAN) if audited else (WHOLE,))]
    reason = _incomparable(match.first[0].record, match.second[0].record)
    if reason:
        return [one for question in questions for one in question.unjudged(reason)]
    first, second = (
        [(one, read_predictions(one)) for one in side] for side in (match.first, match.second)
    )
    return [one for question in questions for one in _answer(question, first, second)]


def quality_values(results: Sequence[Result]) -> dict[str, float | None]:
    """Return each figure of quality as the mean over the runs, None where one has none."""
    return {
        metric + images.suffix: images.mean(results, metric)
        for images in (WHOLE, CLEAN)
        for metric in OFFICIAL
    }


def _answer(question: Question, first: Read, second: Read) -> list[Judgement]:
    one, unfit = _known(question.images, first)
    two, others = _known(question.images, second)
    notes = _without("first", unfit), _without("second", others), _computed(question.match)
    without = "; ".join(filter(None, notes))
    if not one or not two:
        return question.unjudged(without)
    judged = _judge(question, one, two)
    return (
        [replace(one, reason=f"{one.reason}; {without}") for one in judged] if without else judged
    )


def _judge(question: Question, first: Sequence[Known], second: Sequence[Known]) -> list[Judgement]:
    _, asked = first[0]
    for _, one in (*first, *second):
        if question.images is CLEAN and not _same(one.clean, asked.clean):
            return question.unjudged("the clean test differs: the audits found other twins")
        if not np.array_equal(one.labels, asked.labels):
            return question.unjudged("the test labels differ")
    if min(len(first), len(second)) >= SEEDS_FOR_A_VERDICT:
        return _by_models(question, first, second)
    return _by_weights(question, *_of_same_seed(first, second))


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


def _known(images: Images, read: Read) -> tuple[list[Known], dict[str, list[int]]]:
    """Return the runs with predictions of use, and the seeds of the others by the reason."""
    known: list[Known] = []
    unfit: dict[str, list[int]] = {}
    for one, left in read:
        found = left if isinstance(left, str) else images.predictions(one, left)
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


def _same(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    return one is not None and other is not None and np.array_equal(one, other)


def _by_models(
    question: Question, first: Sequence[Known], second: Sequence[Known]
) -> list[Judgement]:
    classes = len(first[0][0].record.dataset.classes)
    before, after = (np.stack([one.predicted for _, one in side]) for side in (first, second))
    which = "test images" if question.images is WHOLE else "clean test images"
    reason = f"bootstrap over {len(first)} and {len(second)} seeds and the {which}"
    sides = [one for one, _ in first], [one for one, _ in second]
    return [
        _judgement(question, *sides, found, reason)
        for found in compare_models(first[0][1].labels, after, before, classes)
    ]


def _judgement(
    question: Question,
    first: Sequence[Result],
    second: Sequence[Result],
    found: Difference,
    reason: str,
) -> Judgement:
    return Judgement(
        question.match.label,
        question.name(found.metric),
        question.images.mean(first, found.metric),
        question.images.mean(second, found.metric),
        of_interval(found.low, found.high),
        reason,
        found.value,
        found.low,
        found.high,
        found.p,
        # Gates ask for the mean over all seeds, those without predictions among them.
        means=question.means(found.metric),
    )


def _of_same_seed(first: Sequence[Known], second: Sequence[Known]) -> tuple[Known, Known]:
    one = {known[0].record.seed: known for known in first}
    two = {known[0].record.seed: known for known in second}
    left, right = same_seed(one, two)
    return one[left], two[right]


def _by_weights(question: Question, first: Known, second: Known) -> list[Judgement]:
    """Judge accuracy by one weight file of each side; the other metrics need seeds."""
    (left, before), (right, after) = first, second
    found = compare_weights(before.labels, after.predicted, before.predicted)
    reason = (
        f"exact McNemar's test of two weight files (seeds {left.record.seed} and "
        f"{right.record.seed}): about these, not about the models; {SEEDS_FOR_A_VERDICT} seeds "
        "each would be"
    )
    accuracy = _judgement(question, [left], [right], found, reason)
    few = f"fewer than {SEEDS_FOR_A_VERDICT} seeds on a side; the values are of the same files"
    others = (
        Judgement(
            question.match.label,
            question.name(metric),
            question.images.value(left.record, metric),
            question.images.value(right.record, metric),
            "inconclusive",
            few,
            means=question.means(metric),
        )
        for metric in OFFICIAL
        if metric != found.metric
    )
    return [accuracy, *others]
