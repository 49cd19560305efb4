"""Score intervals of a proportion, and of the difference of two paired ones."""

import math

from scipy.special import betaincinv, ndtri

from harness.schema.intervals import score_interval

NEAR = 1e-9


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion; ``trials`` must be above 0.

    By its formula, since scipy.stats is slow to import and to ask.
    """
    return score_interval(successes / trials, trials, float(ndtri((1 + confidence) / 2)))


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a proportion (Clopper and Pearson 1934, Biometrika 26:404-413).

    By quantiles of the beta distribution, since ``binomtest`` searches for them.
    """
    tail, failures = (1 - confidence) / 2, trials - successes
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return float(low), float(high)


def tango(
    only_first: int, only_second: int, trials: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return Tango's score interval of the difference of two paired proportions.

    ``only_first`` and ``only_second`` count the pairs with a success of one side only, ``trials``
    all pairs. The bounds are the differences that the score test just does not reject (Tango 1998,
    Statistics in Medicine 17:891-908).
    """
    from scipy.optimize import brentq  # slow to import

    found = (only_first - only_second) / trials
    bound = float(ndtri((1 + confidence) / 2))

    def excess(difference: float, side: int) -> float:
        gap, deviation = _tango_score(difference, only_first, only_second, trials)
        return gap - side * bound * deviation

    # At the found difference itself both terms may be 0, which is not the root that is sought.
    below, above = found - NEAR, found + NEAR
    low = brentq(excess, -1.0, below, args=(1,), xtol=1e-12) if excess(-1.0, 1) > 0 else -1.0
    high = brentq(excess, above, 1.0, args=(-1,), xtol=1e-12) if excess(1.0, -1) < 0 else 1.0
    return float(low), float(high)


def _tango_score(
    difference: float, only_first: int, only_second: int, trials: int
) -> tuple[float, float]:
    """Return how far the counts are from a difference, and their deviation if it were true.

    The share of pairs with a success of the second side only is the likeliest one given the
    difference: the root of a quadratic equation (Tango 1998, section 2).
    """
    spread = difference * (1 - difference)
    linear = (2 * trials - only_first + only_second) * difference - only_first - only_second
    root = math.sqrt(max(0.0, linear**2 + 8 * trials * only_second * spread))
    share = (root - linear) / (4 * trials)
    variance = trials * (2 * share + spread)
    return only_first - only_second - trials * difference, math.sqrt(max(0.0, variance))
