"""Quality on the images of one split: figures with their intervals, calibration, agreement."""

from functools import lru_cache
from typing import Annotated

from pydantic import Field

from harness.schema.base import Frozen
from harness.schema.intervals import macro_f1_interval, uar_interval

Share = Annotated[float, Field(ge=0, le=1)]


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
        """The 95 % interval of the UAR."""
        there = [(one.recall, one.n) for one in self.recall.values() if one.recall is not None]
        return uar_interval(self.uar, there)

    @property
    def macro_f1_interval(self) -> tuple[float, float]:
        """The 95 % interval of the macro-F1."""
        return _macro_f1_interval(self.macro_f1, self.confusion)


# Tables, files and pages each ask for those of all runs.
_macro_f1_interval = lru_cache(maxsize=2048)(macro_f1_interval)


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
