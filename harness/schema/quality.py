"""Quality on the images of one split: figures with their intervals, calibration, agreement."""

import math
from statistics import NormalDist
from typing import Annotated

from pydantic import Field

from harness.schema.base import Frozen

Share = Annotated[float, Field(ge=0, le=1)]
Z = NormalDist().inv_cdf(0.975)  # Of a 95 % interval.


class ClassRecall(Frozen):
    """Recall of one class over its ``n`` images, with its 95 % Wilson interval."""

    recall: Share | None
    low: Share | None
    high: Share | None
    n: int


class Metrics(Frozen):
    """Quality on one split of ``n`` images. Fractions are 0–1; ``confusion`` has true rows.

    ``accuracy_low`` and ``accuracy_high`` bound the 95 % Wilson interval; ``uar`` is the mean
    recall of the classes that occur (balanced accuracy); ``nll`` is the mean negative
    log-likelihood in nats; ``ece`` the expected calibration error over 15 bins; ``brier`` the mean
    squared distance of the probabilities from the true class's unit vector, 0–2 (Brier 1950);
    ``top2`` is None for fewer than three classes.
    """

    n: int
    accuracy: Share
    accuracy_low: Share
    accuracy_high: Share
    uar: Share
    macro_f1: Share
    top2: Share | None
    nll: float
    ece: float
    brier: float
    recall: dict[str, ClassRecall]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def uar_interval(self) -> tuple[float, float]:
        """The 95 % interval of the UAR: Wilson's, of as many images as would have its variance.

        Classes are independent samples of given sizes, so the variance is the sum of theirs over
        the square of their number. For it each recall is drawn towards a half by one image that is
        right and one that is wrong: a class that is wholly right varies, too. That the number of
        images is an effective one is the way of surveys (Korn and Graubard 1998, Survey
        Methodology 24:193-201). Of a single class it is Wilson's interval of the recall.
        """
        there = [(one.recall, one.n) for one in self.recall.values() if one.recall is not None]
        if not there:
            return 0.0, 1.0
        drawn = [((recall * n + 1) / (n + 2), n) for recall, n in there]
        variance = sum(share * (1 - share) / n for share, n in drawn) / len(drawn) ** 2
        middle = sum(share for share, _ in drawn) / len(drawn)
        return score_interval(self.uar, middle * (1 - middle) / variance)


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


class ReliabilityBin(Frozen):
    """One bin of confidence (0–1), open at ``low`` and closed at ``high``, with ``n`` images.

    ``confidence`` and ``accuracy`` are the means over its images, None where it has none.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    accuracy: float | None


class Calibrated(Frozen):
    """How far probabilities can be believed: NLL in nats, Brier score, ECE, and the ECE's bins."""

    nll: float
    brier: float
    ece: float
    bins: tuple[ReliabilityBin, ...]


class Calibration(Frozen):
    """Calibration on the test images, as they are and after temperature scaling.

    ``temperature`` divides the logits; it is fitted on the validation images, by their NLL (Guo et
    al. 2017, arXiv:1706.04599). It changes no prediction, so accuracy stays.
    """

    test: Calibrated
    temperature: float
    test_scaled: Calibrated


class AgreementShare(Frozen):
    """The test images on which the share of annotators who agreed lies above ``low`` to ``high``.

    ``accuracy`` has its 95 % Wilson interval; all three are None where ``n`` is 0.
    """

    low: float
    high: float
    n: int
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
