"""Every pair of networks and ensembles judged, from the predictions that runs left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from harness.evaluate.bootstrap import METRICS, Bootstrap, Scores
from harness.evaluate.corrections import bonferroni_confidence, holm
from harness.evaluate.paired import (
    SEEDS_FOR_A_VERDICT,
    Difference,
    compare_scores,
    compare_weights,
    same_seed,
)
from harness.report.comparison import Comparison
from harness.report.evidence import Reader
from harness.report.pairs import ERROR, Pair, Pairs, Subject
from harness.report.predictions import Classes, Gathered, Predicted, gather

Judged = tuple[Predicted, Scores | None]
Levels = dict[str, float]


class _Side(NamedTuple):
    """One predictor: its label, its seeds (none, or one), and its classes ``(N,)``."""

    label: str
    seeds: tuple[int, ...]
    predicted: Classes


def with_pairs(comparison: Comparison, evidence: Reader) -> Comparison:
    """Return the comparison with its pairs judged; ``evidence`` is read once for each run.

    Two configurations of three seeds or more each are compared as models, in three metrics; others
    by one weight file each, in accuracy. All of it is done again on the clean test images, as a
    family of its own: who knows twins in training by heart is ahead on the others' account. Of
    configurations that share weights one is in the pairs.

    An ensemble, if `with_ensembles` made any, is one predictor: it is held against one network of
    each configuration (that of the lowest seed) and against every other ensemble, by the exact
    McNemar test, on all images and on the clean ones; families of their own as well.
    """
    ensembles = [
        _Side(row.label, (), row.predicted)
        for row in comparison.ensembles
        if row.predicted is not None
    ]
    rivals = comparison.rivals
    if len(rivals) < 2 and not ensembles:
        return replace(comparison, pairs=Pairs(judged=True, left_out=_over_views(comparison)))
    gathered, classes = gather(rivals, evidence), len(comparison.dataset.classes)
    once = _once(comparison)
    fitting = [
        one
        for one in ensembles
        if one.label in once and one.predicted.shape == gathered.labels.shape
    ]
    pairs, of_ensembles = _family(gathered, classes), _ensemble_family(gathered, fitting)
    clean: list[Pair] = []
    if (mask := gathered.clean) is not None and (apart := gathered.without_twins):
        clean = _on_clean(_family(apart, classes))
        without = [one._replace(predicted=one.predicted[mask]) for one in fitting]
        of_ensembles += _on_clean(_ensemble_family(apart, without))
    found = Pairs(
        tuple(pairs),
        (*(gathered.left_out if len(rivals) > 1 else ()), *_over_views(comparison)),
        judged=True,
        ensembles=tuple(of_ensembles),
        clean=tuple(clean),
    )
    return replace(comparison, pairs=found)


def _over_views(comparison: Comparison) -> tuple[str, ...]:
    """Say which configurations are in no pair, since their networks stand there already."""
    rivals = {group.label for group in comparison.rivals}
    others = [group.label for group in comparison.groups if group.label not in rivals]
    if not others:
        return ()
    are = "has the weights of another" if len(others) == 1 else "have the weights of others"
    return (f"In no pair: {', '.join(others)} ({are}, evaluated over other views).",)


def _once(comparison: Comparison) -> set[str]:
    """Return the labels of the ensembles, of those of the same networks only the first."""
    weights = {row.label: row.weights for row in comparison.rows}
    first: dict[frozenset[str], str] = {}
    for one in comparison.ensembles:
        first.setdefault(frozenset(weights[part] for part in one.parts), one.label)
    return set(first.values())


def _on_clean(pairs: Iterable[Pair]) -> list[Pair]:
    return [replace(pair, test="clean") for pair in pairs]


def _family(gathered: Gathered, num_classes: int) -> list[Pair]:
    """Judge all pairs on the same test images, and correct them for each other."""
    judged = _score(gathered, num_classes)
    return _corrected(list(_pairs(gathered.labels, list(combinations(judged, 2)))))


def _ensemble_family(gathered: Gathered, ensembles: Sequence[_Side]) -> list[Pair]:
    """Judge each ensemble against single networks and others, and correct for all of that."""
    singles = [
        _Side(one.label, one.seeds[:1], one.by_seed[one.seeds[0]]) for one in gathered.predicted
    ]
    couples = [*((one, two) for one in ensembles for two in singles), *combinations(ensembles, 2)]
    level = bonferroni_confidence(1 - ERROR, len(couples))
    return _corrected(
        [_predictors(one, two, gathered.labels, level, "ensembles") for one, two in couples]
    )


def _score(gathered: Gathered, num_classes: int) -> list[Judged]:
    """Score the configurations that a verdict on models can be had of, if there are two."""
    enough = [len(one.by_seed) >= SEEDS_FOR_A_VERDICT for one in gathered.predicted]
    if sum(enough) < 2:
        return [(one, None) for one in gathered.predicted]
    bootstrap = Bootstrap(gathered.labels, num_classes)
    return [
        (one, bootstrap.score(np.stack(list(one.by_seed.values()))) if scored else None)
        for one, scored in zip(gathered.predicted, enough, strict=True)
    ]


def _pairs(labels: Classes, couples: Sequence[tuple[Judged, Judged]]) -> Iterator[Pair]:
    """Yield each pair with the interval that holds for all of its metric; p is not corrected."""
    models = sum(one[1] is not None and two[1] is not None for one, two in couples)
    levels = {metric: bonferroni_confidence(1 - ERROR, models) for metric in METRICS}
    levels["accuracy"] = bonferroni_confidence(1 - ERROR, len(couples))
    for (one, scores), (two, others) in couples:
        if scores is not None and others is not None:
            yield from _models(one, two, len(labels), scores, others, levels)
        else:
            yield _weights(one, two, labels, levels["accuracy"])


def _models(
    one: Predicted, two: Predicted, images: int, first: Scores, second: Scores, levels: Levels
) -> Iterator[Pair]:
    wide = {
        level: compare_scores(first, second, confidence=level) for level in set(levels.values())
    }
    alone = compare_scores(first, second, confidence=1 - ERROR)
    for index, found in enumerate(alone):
        yield _pair(one, two, "models", images, found, wide[levels[found.metric]][index])


def _weights(one: Predicted, two: Predicted, labels: Classes, level: float) -> Pair:
    """Compare a weight file each: of the lowest seed that both have, else of the lowest of each."""
    first, second = same_seed(one.seeds, two.seeds)
    sides = (
        _Side(one.label, (first,), one.by_seed[first]),
        _Side(two.label, (second,), two.by_seed[second]),
    )
    return _predictors(*sides, labels, level, "weight files")


def _predictors(one: _Side, two: _Side, labels: Classes, level: float, subject: Subject) -> Pair:
    """Compare two predictors in accuracy; ``level`` is that of the simultaneous interval."""
    found = compare_weights(labels, one.predicted, two.predicted, confidence=1 - ERROR)
    simultaneous = compare_weights(labels, one.predicted, two.predicted, confidence=level)
    pair = _pair(one, two, subject, len(labels), found, simultaneous)
    return replace(pair, only_first=found.only_first, only_second=found.only_second)


def _pair(
    one: Predicted | _Side,
    two: Predicted | _Side,
    subject: Subject,
    images: int,
    found: Difference,
    simultaneous: Difference,
) -> Pair:
    """Return a pair with the interval of its own and the simultaneous one; p is not corrected."""
    return Pair(
        first=one.label,
        second=two.label,
        metric=found.metric,
        subject=subject,
        first_seeds=one.seeds,
        second_seeds=two.seeds,
        images=images,
        value=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        p_holm=found.p,
        simultaneous_low=simultaneous.low,
        simultaneous_high=simultaneous.high,
    )


def _corrected(pairs: list[Pair]) -> list[Pair]:
    """Correct the p-values of each metric for all of its pairs."""
    for metric in METRICS:
        members = [index for index, pair in enumerate(pairs) if pair.metric == metric]
        adjusted = holm([pairs[index].p for index in members])
        for index, p in zip(members, adjusted, strict=True):
            pairs[index] = replace(pairs[index], p_holm=p)
    return pairs
