"""What is asked of a configuration: its quality on all test images, or on the clean ones alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from harness.schema import RunRecord
from harness.versus.judgement import CLEAN_SUFFIX, OFFICIAL, Judgement
from harness.versus.match import Match
from harness.versus.predictions import Predictions
from harness.versus.side import Result


@dataclass(frozen=True)
class Images:
    """The test images that figures are of: all, or those without a twin in training.

    ``field`` is where a record has the figures, ``suffix`` ends their names.
    """

    field: Literal["test", "test_clean"]
    suffix: str

    def value(self, record: RunRecord, metric: str) -> float | None:
        """Return a run's figure, None where it has none on these images."""
        quality = getattr(record, self.field)
        return None if quality is None else float(getattr(quality, metric))

    def mean(self, results: Iterable[Result], metric: str) -> float | None:
        """Return the mean over the runs, None where one has no such figure, or of other images."""
        records = [one.record for one in results]
        values = [self.value(record, metric) for record in records]
        known = [value for value in values if value is not None]
        if len(known) < len(values) or (self is CLEAN and _audits(records) > 1):
            return None
        return fmean(known)

    def predictions(self, result: Result, found: Predictions) -> Predictions | str:
        """Return a run's predictions for these images, or why there are none."""
        if self is WHOLE:
            return found
        if result.record.test_clean is None:
            return "it has no clean test"
        if found.clean is None:
            return "the predictions do not give the record's figures on the clean test"
        return replace(
            found, labels=found.labels[found.clean], predicted=found.predicted[found.clean]
        )


def _audits(records: Iterable[RunRecord]) -> int:
    """Return how many different clean tests the runs were judged on."""
    return len({record.audit and record.audit.clean_sha256 for record in records})


WHOLE, CLEAN = Images("test", ""), Images("test_clean", CLEAN_SUFFIX)


@dataclass(frozen=True)
class Question:
    """One configuration on one set of test images: what is judged."""

    match: Match
    images: Images

    def unjudged(self, reason: str) -> list[Judgement]:
        """Say of every figure why it is not comparable."""
        return [
            Judgement(
                self.match.label, self.name(metric), *self.means(metric), "not comparable", reason
            )
            for metric in OFFICIAL
        ]

    def name(self, metric: str) -> str:
        """Return what a figure is called on these images."""
        return metric + self.images.suffix

    def means(self, metric: str) -> tuple[float | None, float | None]:
        """Return a figure's means over all runs of the two sides."""
        first, second = self.match.first, self.match.second
        return self.images.mean(first, metric), self.images.mean(second, metric)
