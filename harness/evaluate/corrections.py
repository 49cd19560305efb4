"""Corrections for many comparisons at once, so that chance alone rarely makes a finding."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for all of them together, in the order given.

    The i-th smallest of m is multiplied by m - i + 1, made no smaller than those before it and cut
    at 1. Rejecting where the adjusted value is at most alpha keeps the chance of any false
    rejection at alpha, whatever the dependence (Holm 1979, Scandinavian Journal of Statistics
    6:65-70).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def bonferroni_confidence(confidence: float, count: int) -> float:
    """Return the confidence of each of ``count`` intervals that hold all at once.

    By Bonferroni's inequality the chance that any of them fails is at most ``1 - confidence``.
    """
    return 1 - (1 - confidence) / max(count, 1)
