"""Every ensemble judged against single networks and other ensembles, on the shared images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from harness.evaluate.corrections import bonferroni_confidence, holm
from harness.evaluate.paired import compare_weights
from harness.report.comparison import Comparison
from harness.report.evidence import Reader
from harness.report.pairs import ERROR, Pair
from harness.report.predictions import Classes, gather

Side = tuple[str, tuple[int, ...], Classes]


def with_ensemble_pairs(comparison: Comparison, evidence: Reader) -> Comparison:
    """Return the comparison with its ensembles judged: a family of pairs of their own.

    An ensemble is one predictor, so it is held against one network of each configuration (that of
    the lowest seed) and against every other ensemble, by the exact McNemar test.
    """
    ensembles: list[Side] = [
        (row.label, (), row.predicted) for row in comparison.ensembles if row.predicted is not None
    ]
    if not ensembles:
        return comparison
    gathered = gather(comparison.groups, evidence)
    fitting = [one for one in ensembles if one[2].shape == gathered.labels.shape]
    singles: list[Side] = [
        (one.label, (one.seeds[0],), one.by_seed[one.seeds[0]]) for one in gathered.predicted
    ]
    couples = [*((one, two) for one in fitting for two in singles), *combinations(fitting, 2)]
    pairs = tuple(_judge(gathered.labels, couples))
    return replace(comparison, pairs=replace(comparison.pairs, ensembles=pairs))


def _judge(labels: Classes, couples: Sequence[tuple[Side, Side]]) -> Iterator[Pair]:
    level = bonferroni_confidence(1 - ERROR, len(couples))
    found = [compare_weights(labels, one[2], two[2]) for one, two in couples]
    wide = [compare_weights(labels, one[2], two[2], confidence=level) for one, two in couples]
    adjusted = holm([one.p for one in found])
    for (one, two), alone, simultaneous, p in zip(couples, found, wide, adjusted, strict=True):
        yield Pair(
            first=one[0],
            second=two[0],
            metric="accuracy",
            subject="ensembles",
            first_seeds=one[1],
            second_seeds=two[1],
            images=len(labels),
            value=alone.value,
            low=alone.low,
            high=alone.high,
            p=alone.p,
            p_holm=p,
            simultaneous_low=simultaneous.low,
            simultaneous_high=simultaneous.high,
            only_first=alone.only_first,
            only_second=alone.only_second,
        )
