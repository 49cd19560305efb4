"""The difference of two models, or of two weight files, on the images that both were given."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.errors import DataError
from harness.evaluate.bootstrap import METRICS, REPLICATES, Bootstrap, Scores
from harness.evaluate.statistics import clopper_pearson, tango

Labels = NDArray[np.integer]
Floats = NDArray[np.floating]
Verdict = Literal["better", "worse", "inconclusive"]

CONFIDENCE = 0.95
SEEDS_FOR_A_VERDICT = 3
ROUNDING = 1e-6  # Draws are scored in single precision.


@dataclass(frozen=True)
class Difference:
    """The first model's mean over its seeds minus the second's, as fractions."""

    metric: str
    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class WeightsDifference(Difference):
    """The first weight file's accuracy minus the second's, as fractions.

    ``only_first`` and ``only_second`` count the images that only one of the two gets right.
    """

    only_first: int
    only_second: int


def compare_models(
    labels: Labels,
    first: Labels,
    second: Labels,
    num_classes: int,
    *,
    confidence: float = CONFIDENCE,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[Difference, ...]:
    """Return the difference of two models in accuracy, UAR and macro-F1.

    ``labels`` are ``(N,)``, ``first`` and ``second`` predicted classes ``(seeds, N)`` of at least
    two seeds each; a verdict needs `SEEDS_FOR_A_VERDICT`. Of more models than two, score each
    once by `Bootstrap` and give the scores to `compare_scores`. Raise DataError where shapes or
    classes do not fit.
    """
    bootstrap = Bootstrap(labels, num_classes, replicates=replicates, seed=seed)
    return compare_scores(bootstrap.score(first), bootstrap.score(second), confidence=confidence)


def compare_scores(
    first: Scores, second: Scores, *, confidence: float = CONFIDENCE
) -> tuple[Difference, ...]:
    """Return the difference of two models that one `Bootstrap` scored.

    Test images and seeds are both samples, crossed with each other. The variance of the difference
    of the means is::

        V = images + sum over both models of max(0, seeds - noise)

    - ``images``: the variance of the difference over draws of images within each class, both models
      on the same draws. The noise of a seed on an image is within it, since fewer seeds leave more.
    - ``seeds``: the sample variance over the k seeds of a model, divided by k (what a bootstrap
      over seeds gives, times k/(k - 1)). It holds that noise a second time.
    - ``noise``: that noise, so that it counts once. To draw rows and columns of a crossed table
      counts it three times (Owen 2007, Annals of Applied Statistics 1:386-411); this is the
      estimate from mean squares instead, rows + columns - error (Searle, Casella and McCulloch
      1992, Variance Components, chapter 4), cut at 0.

    Interval and p-value are of Student's t with Satterthwaite's degrees of freedom (1946,
    Biometrics Bulletin 2:110-114), in which three seeds weigh as little as they tell::

        V² / (images² / (N - classes) + sum over both models of seeds² / (k - 1))

    at least the smaller k - 1; classes of fewer than thirty images are not taken off N. That is
    their least where V holds all of ``seeds``; where the models' seeds do the same to both (a small
    change, trained again with the same seeds), V holds little of it, and the quotient falls far
    below any number of seeds.

    Where no draw and no seed differs from another (whole classes right or wrong, in all seeds), V
    is 0, and p is that of the exact McNemar test on the images (1 where UAR or macro-F1 go the
    other way, and the interval is everything). The interval is that which this test allows, of UAR
    and macro-F1 as wide in proportion to the difference.
    """
    differences = []
    for index, metric in enumerate(METRICS):
        value = float(first.values[index].mean() - second.values[index].mean())
        images = float(np.var(first.drawn[index] - second.drawn[index], ddof=1))
        variance, uncertain = images, images**2 / first.freedom
        for one in (first, second):
            seeds = float(one.between[index])
            variance += max(0.0, seeds - float(one.noise[index]))
            uncertain += seeds**2 / (one.seeds - 1)
        if math.sqrt(variance) < ROUNDING:
            differences.append(_certain(metric, value, first.right - second.right, confidence))
            continue
        freedom = max(variance**2 / uncertain, min(first.seeds, second.seeds) - 1)
        differences.append(_difference(metric, value, math.sqrt(variance), freedom, confidence))
    return tuple(differences)


def _certain(metric: str, value: float, apart: Floats, confidence: float) -> Difference:
    """Return a difference that is the same in all draws and seeds: only the images are chance.

    ``apart`` ``(N,)`` is how much more often the first model is right on each image.
    """
    # Means of equal numbers over three seeds and over five may differ by a rounding.
    if abs(value) < ROUNDING:
        return Difference(metric, 0.0, 0.0, 0.0, 1.0)
    ahead, behind = int(np.sum(apart > ROUNDING)), int(np.sum(apart < -ROUNDING))
    # A mean over classes may go the other way than the images: of it they tell nothing then.
    if ahead == behind or (ahead > behind) != (value > 0):
        return Difference(metric, value, -1.0, 1.0, 1.0)
    total = ahead + behind
    share = clopper_pearson(ahead, total, confidence)
    ends = sorted(value * (2 * one - 1) * total / (ahead - behind) for one in share)
    p = _mcnemar(ahead, behind)
    return Difference(metric, value, max(-1.0, ends[0]), min(1.0, ends[1]), p)


def _mcnemar(only_first: int, only_second: int) -> float:
    """Return the p-value of the exact test, two-sided (McNemar 1947, Psychometrika 12:153-157)."""
    fewer, apart = min(only_first, only_second), only_first + only_second
    return min(1.0, 2 * float(special.bdtr(fewer, apart, 0.5)))


def _difference(
    metric: str, value: float, error: float, freedom: float, confidence: float
) -> Difference:
    """Return the difference with the interval and p-value of Student's t."""
    # Quantile and distribution function of Student's t; of many pairs, scipy.stats is slow.
    reach = error * float(special.stdtrit(freedom, (1 + confidence) / 2))
    p = 2 * float(special.stdtr(freedom, -abs(value) / error))
    return Difference(metric, value, max(-1.0, value - reach), min(1.0, value + reach), p)


def compare_weights(
    labels: Labels, first: Labels, second: Labels, *, confidence: float = CONFIDENCE
) -> WeightsDifference:
    """Return the difference in accuracy of two weight files: predicted classes ``(N,)`` each.

    The p-value is that of the exact McNemar test: given the images that only one of the two gets
    right, each is as likely to be the first's. The interval is Tango's, widened where need be to
    that which the exact test allows (Clopper and Pearson's, of the first's share of those images),
    so that it never excludes 0 where the test does not. Raise DataError where shapes do not fit.
    """
    if not len(labels) or not first.shape == second.shape == labels.shape:
        raise DataError(
            f"predictions for {first.shape} and {second.shape} images, labels for {labels.shape}"
        )
    one, two = first == labels, second == labels
    only_first, only_second = int(np.sum(one & ~two)), int(np.sum(two & ~one))
    apart, n = only_first + only_second, len(labels)
    low, high = tango(only_first, only_second, n, confidence)
    if apart == 0:
        return WeightsDifference("accuracy", 0.0, low, high, 1.0, 0, 0)
    share = clopper_pearson(only_first, apart, confidence)
    return WeightsDifference(
        metric="accuracy",
        value=(only_first - only_second) / n,
        low=min(low, (2 * share[0] - 1) * apart / n),
        high=max(high, (2 * share[1] - 1) * apart / n),
        p=_mcnemar(only_first, only_second),
        only_first=only_first,
        only_second=only_second,
    )


def same_seed(first: Collection[int], second: Collection[int]) -> tuple[int, int]:
    """Return whose weight files stand for two models: the lowest seed in common, else each's."""
    common = set(first) & set(second)
    return (min(common), min(common)) if common else (min(first), min(second))


def verdict(low: float, high: float) -> Verdict:
    """Return what an interval of the difference, first minus second, says of the first."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "inconclusive"
