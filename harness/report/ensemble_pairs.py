"""Every ensemble judged against single networks and other ensembles, on the shared images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from harness.evaluate.corrections import bonferroni_confidence
from harness.report.comparison import Comparison
from harness.report.evidence import Reader
from harness.report.judge import Side, corrected, predictors
from harness.report.pairs import ERROR, Pair
from harness.report.predictions import Gathered, gather


def with_ensemble_pairs(comparison: Comparison, evidence: Reader) -> Comparison:
    """Return the comparison with its ensembles judged: families of pairs of their own.

    An ensemble is one predictor, so it is held against one network of each configuration (that of
    the lowest seed) and against every other ensemble, by the exact McNemar test; and once more on
    the clean test.
    """
    ensembles = [
        Side(row.label, (), row.predicted)
        for row in comparison.ensembles
        if row.predicted is not None
    ]
    if not ensembles:
        return comparison
    gathered = gather(comparison.groups, evidence)
    fitting = [one for one in ensembles if one.predicted.shape == gathered.labels.shape]
    pairs = _family(gathered, fitting)
    clean, apart = gathered.clean, gathered.without_twins
    if clean is not None and apart is not None:
        without = [one._replace(predicted=one.predicted[clean]) for one in fitting]
        pairs += [replace(pair, test="clean") for pair in _family(apart, without)]
    return replace(comparison, pairs=replace(comparison.pairs, ensembles=tuple(pairs)))


def _family(gathered: Gathered, ensembles: Sequence[Side]) -> list[Pair]:
    singles = [
        Side(one.label, one.seeds[:1], one.by_seed[one.seeds[0]]) for one in gathered.predicted
    ]
    couples = [*((one, two) for one in ensembles for two in singles), *combinations(ensembles, 2)]
    level = bonferroni_confidence(1 - ERROR, len(couples))
    return corrected(
        [predictors(one, two, gathered.labels, level, "ensembles") for one, two in couples]
    )
