"""Intervals of 95 % that follow from what a record holds, without numpy."""

import math
from collections.abc import Sequence
from operator import add, mul
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)  # Of a 95 % interval.


def score_interval(share: float, trials: float, z: float = Z) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927, JASA 22:209-212).

    ``trials`` are above 0, a whole number or an effective one; ``z`` is the normal quantile.
    """
    spread = z * math.sqrt(share * (1 - share) + z**2 / (4 * trials)) / math.sqrt(trials)
    scale, middle = 1 + z**2 / trials, share + z**2 / (2 * trials)
    # At either end the bound is the share itself, and a rounding away from it in floating point.
    low = (middle - spread) / scale if share > 0 else 0.0
    high = (middle + spread) / scale if share < 1 else 1.0
    return low, high


def uar_interval(uar: float, recalls: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return the interval of the UAR: Wilson's, of as many images as would have its variance.

    ``recalls`` are those of the classes that occur, with their images. Classes are independent
    samples of given sizes, so the variance is the sum of theirs over the square of their number.
    For it each recall is drawn towards a half by one image that is right and one that is wrong: a
    class that is wholly right varies, too. That the number of images is an effective one is the way
    of surveys (Korn and Graubard 1998, Survey Methodology 24:193-201). Of a single class it is
    Wilson's interval of the recall.
    """
    if not recalls:
        return 0.0, 1.0
    drawn = [((recall * n + 1) / (n + 2), n) for recall, n in recalls]
    variance = sum(share * (1 - share) / n for share, n in drawn) / len(drawn) ** 2
    middle = sum(share for share, _ in drawn) / len(drawn)
    return score_interval(uar, middle * (1 - middle) / variance)


def macro_f1_interval(macro_f1: float, confusion: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Return the interval of the macro-F1: Wilson's, of as many images as would have its variance.

    ``confusion`` has true rows. The variance is the delta method's (Takahashi et al. 2022, Applied
    Intelligence 52:4961-4972, who draw all images at once), here of classes that are independent
    samples of given sizes, drawn towards a half as for the UAR. Of classes with a handful of images
    each, macro-F1 itself is biased, which no interval around it mends.
    """
    sizes, shares = _drawn(confusion)
    if len(sizes) < 2:
        return score_interval(macro_f1, max(sum(sizes), 1))
    right = [row[index] for index, row in enumerate(shares)]
    taken = [sum(map(mul, sizes, column)) for column in zip(*shares, strict=True)]
    both = list(map(add, sizes, taken))
    # F1 is 2 TP / both. By the share of its own images it rises by `up`, by any image that is taken
    # for the class it falls by `down`.
    up = [2 * n / total for n, total in zip(sizes, both, strict=True)]
    down = [share * rise / total for share, rise, total in zip(right, up, both, strict=True)]
    squares = list(map(mul, down, down))
    variance = 0.0
    for index, (n, row) in enumerate(zip(sizes, shares, strict=True)):
        if n:
            rise = right[index] * up[index]
            mean = rise - n * sum(map(mul, row, down))
            square = rise * (up[index] - 2 * n * down[index]) + n**2 * sum(map(mul, row, squares))
            variance += (square - mean**2) / n
    variance /= len(sizes) ** 2
    middle = sum(map(mul, right, up)) / len(sizes)
    return score_interval(macro_f1, middle * (1 - middle) / variance)


def _drawn(confusion: Sequence[Sequence[int]]) -> tuple[list[int], list[list[float]]]:
    """Return the images of each class, and the shares of them that are taken for each class.

    Each class is given one more image that is right, and one that is spread over the others. A
    class takes part as in macro-F1: if it is among the labels or the predictions.
    """
    columns = list(zip(*confusion, strict=True))
    there = [index for index, row in enumerate(confusion) if any(row) or any(columns[index])]
    sizes = [sum(confusion[index]) for index in there]
    wrong = 1 / max(len(there) - 1, 1)
    shares = [
        [(confusion[true][taken] + (1 if taken == true else wrong)) / (n + 2) for taken in there]
        for true, n in zip(there, sizes, strict=True)
    ]
    return sizes, shares
