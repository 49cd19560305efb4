"""What was found of each pair of configurations, for those that read it: no computing here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

Verdict = Literal["better", "worse", "inconclusive"]
Subject = Literal["models", "weight files", "ensembles"]
Test = Literal["all", "clean"]

ERROR = 0.05  # The chance of any false verdict among the pairs of one metric.


@dataclass(frozen=True)
class Pair:
    """Two configurations in one metric: the first minus the second, as fractions.

    ``first`` and ``second`` are labels of groups, the seeds those whose predictions were used.
    ``low`` and ``high`` bound the 95 % interval of this difference alone, the simultaneous ones
    hold for all pairs of the metric at once (Bonferroni); ``p_holm`` is corrected for them too.
    ``only_first`` and ``only_second`` count the test images that one weight file alone gets right.
    ``test`` says whether these are all of them, or those without a twin in training.
    """

    first: str
    second: str
    metric: str
    subject: Subject
    first_seeds: tuple[int, ...]
    second_seeds: tuple[int, ...]
    images: int
    value: float
    low: float
    high: float
    p: float
    p_holm: float
    simultaneous_low: float
    simultaneous_high: float
    only_first: int | None = None
    only_second: int | None = None
    test: Test = "all"

    @property
    def method(self) -> str:
        """How the difference was judged."""
        if self.subject == "models":
            return "bootstrap over images, variance over seeds"
        if self.subject == "weight files":
            return "exact McNemar, two weight files"
        return "exact McNemar, an ensemble"

    @property
    def verdict(self) -> Verdict:
        """What holds of the first, corrected for all pairs of the metric."""
        if self.p_holm >= ERROR:
            return "inconclusive"
        return "better" if self.value > 0 else "worse"

    @property
    def turned(self) -> Pair:
        """The same pair, told of the second."""
        return replace(
            self,
            first=self.second,
            second=self.first,
            first_seeds=self.second_seeds,
            second_seeds=self.first_seeds,
            value=-self.value,
            low=-self.high,
            high=-self.low,
            simultaneous_low=-self.simultaneous_high,
            simultaneous_high=-self.simultaneous_low,
            only_first=self.only_second,
            only_second=self.only_first,
        )


@dataclass(frozen=True)
class Pairs:
    """All pairs of a comparison that could be judged; ``left_out`` says in sentences which not.

    ``judged`` is False where nobody looked for predictions yet. Pairs with an ensemble are a family
    of their own, corrected apart: ``ensembles``; so are those on the clean test: ``clean``.
    """

    all: tuple[Pair, ...] = ()
    left_out: tuple[str, ...] = ()
    judged: bool = False
    ensembles: tuple[Pair, ...] = ()
    clean: tuple[Pair, ...] = ()

    @cached_property
    def _by_labels(self) -> dict[tuple[str, str, str, Test], Pair]:
        return {
            (pair.first, pair.second, pair.metric, pair.test): pair
            for pair in (*self.all, *self.clean, *self.ensembles)
        }

    def between(
        self, first: str, second: str, metric: str = "accuracy", test: Test = "all"
    ) -> Pair | None:
        """Return what was found of the first against the second; None where nothing was."""
        found = self._by_labels.get((first, second, metric, test))
        if found is not None:
            return found
        found = self._by_labels.get((second, first, metric, test))
        return found.turned if found else None

    def of(self, test: Test) -> tuple[Pair, ...]:
        """Return the pairs of configurations on these test images."""
        return self.clean if test == "clean" else self.all

    def count(self, metric: str = "accuracy", test: Test = "all") -> int:
        """Return how many pairs of a metric were judged, which is what was corrected for."""
        return sum(pair.metric == metric for pair in self.of(test))
