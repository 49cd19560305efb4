"""Records of one data set, side by side: their order, and the groups that differ by seed only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import RequestError
from harness.report.labels import configuration, labels
from harness.report.pairs import Pairs
from harness.schema import (
    STATUSES,
    DatasetCard,
    Epoch,
    RobustnessRecord,
    RunRecord,
    SpeedRecord,
    device_kind,
)

if TYPE_CHECKING:
    # A report on the screen needs no numpy.
    import numpy as np
    from numpy.typing import NDArray


class Entry(NamedTuple):
    """What the store knows of a run; a plain tuple of the first three will do as well."""

    record: RunRecord
    epochs: Sequence[Epoch] = ()
    speed: SpeedRecord | None = None
    robustness: RobustnessRecord | None = None


@dataclass(frozen=True)
class Row:
    """One run with its epochs (none if nothing was trained) and its speed on this machine.

    ``robustness`` is None where nobody asked for it. ``label`` is a short name that no other row of
    the comparison has; ``parts`` are those of the runs that an ensemble is made of, ``predicted``
    the classes ``(N,)`` that it chose.
    """

    record: RunRecord
    epochs: tuple[Epoch, ...] = ()
    speed: SpeedRecord | None = None
    label: str = ""
    robustness: RobustnessRecord | None = None
    parts: tuple[str, ...] = ()
    predicted: NDArray[np.integer[Any]] | None = field(default=None, compare=False, repr=False)

    @property
    def done(self) -> bool:
        """Whether the run has test metrics to show."""
        return self.record.status == "done" and self.record.test is not None

    @property
    def weights(self) -> str:
        """A text that is the same for runs whose trainings end with the same weights."""
        # Records of before there were such keys are of plain runs.
        return self.record.train_key or self.record.key

    @property
    def trained_on(self) -> str | None:
        """The id of the machine that trained the model."""
        environment = self.record.environment
        return environment.machine if environment else None

    @property
    def timed_on(self) -> str | None:
        """The id of the machine that the speed was taken on, if it was."""
        if self.speed is None or self.speed.status != "done":
            return None
        return self.speed.environment.machine

    @property
    def trained_under(self) -> str | None:
        """What the times of its training are compared within: machine, device and threads."""
        record = self.record
        return (
            self.trained_on and f"{self.trained_on} {device_kind(record.device)} {record.threads}"
        )

    @property
    def timed_under(self) -> str | None:
        """What its speeds are compared within: machine, device and threads."""
        if self.speed is None or self.timed_on is None:
            return None
        return f"{self.timed_on} {device_kind(self.speed.device)} {self.speed.threads}"

    @property
    def machine(self) -> str | None:
        """The machine that the row's speeds belong to; without speeds, the one that trained it."""
        return self.timed_on or self.trained_on


@dataclass(frozen=True)
class Group:
    """The finished runs of one configuration: they differ by their seed and nothing else."""

    label: str
    rows: tuple[Row, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The test accuracy of each run."""
        return tuple(row.record.test.accuracy for row in self.rows if row.record.test)

    @property
    def accuracy(self) -> float:
        """The mean test accuracy over the seeds."""
        return sum(self.accuracies) / len(self.rows)

    @property
    def weights(self) -> frozenset[str]:
        """What says of each run whose weights it has."""
        return frozenset(row.weights for row in self.rows)

    @property
    def interval(self) -> tuple[float, float]:
        """The hull of the runs' 95 % Wilson intervals of the test accuracy."""
        tests = [row.record.test for row in self.rows if row.record.test]
        return min(t.accuracy_low for t in tests), max(t.accuracy_high for t in tests)


@dataclass(frozen=True)
class Comparison:
    """Runs on one data set: the best first, then those without a result, by status.

    ``groups`` holds the finished ones by configuration, the highest mean accuracy first;
    ``broken`` names what was asked for and never became a run, each with the reason;
    ``ensembles`` are made from finished runs, the best first; ``pairs`` is empty until the groups
    were judged. ``levels`` are the validation accuracies (0–1) that time is taken to, if any were
    chosen.
    """

    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    broken: tuple[tuple[str, str], ...] = ()
    ensembles: tuple[Row, ...] = ()
    pairs: Pairs = field(default_factory=Pairs)
    levels: tuple[float, ...] = ()

    @property
    def dataset(self) -> DatasetCard:
        """The data set that all rows share."""
        return self.rows[0].record.dataset

    @cached_property
    def rivals(self) -> tuple[Group, ...]:
        """The groups to be held against each other: of those that share weights only one.

        What was evaluated over other views (`tta`) has the same network and the same plain
        predictions. The one with the most seeds stands for all.
        """
        taken: set[str] = set()
        found: set[str] = set()
        for group in sorted(self.groups, key=lambda group: -len(group.rows)):
            if taken.isdisjoint(group.weights):
                found.add(group.label)
                taken |= group.weights
        return tuple(group for group in self.groups if group.label in found)

    @property
    def done(self) -> tuple[Row, ...]:
        """The rows with a result."""
        return tuple(row for row in self.rows if row.done)

    @property
    def unfinished(self) -> tuple[Row, ...]:
        """The rows without a result."""
        return tuple(row for row in self.rows if not row.done)

    @property
    def timed_machines(self) -> tuple[str, ...]:
        """The ids of the machines that speeds were taken on, sorted."""
        return tuple(sorted({row.timed_on for row in self.done if row.timed_on}))

    def group_of(self, row: Row) -> Group:
        """Return the group that a finished row belongs to."""
        return next(g for g in self.groups if any(member is row for member in g.rows))


def compare(
    runs: Iterable[Entry],
    broken: Iterable[tuple[str, str]] = (),
    levels: Sequence[float] = (),
) -> Comparison:
    """Put runs side by side, with a label each; ``broken`` are names and reasons.

    Raise RequestError if there is none, or if they are not on one data set.
    """
    entries = [Entry(*run) for run in runs]
    _check_one_dataset([entry.record for entry in entries])
    names = labels([entry.record for entry in entries])
    rows = sorted(
        (
            Row(entry.record, tuple(entry.epochs), entry.speed, name, entry.robustness)
            for entry, name in zip(entries, names, strict=True)
        ),
        key=_rank,
    )
    groups = _groups([row for row in rows if row.done], [row for row in rows if not row.done])
    return Comparison(tuple(rows), groups, tuple(broken), levels=tuple(levels))


def _check_one_dataset(records: Sequence[RunRecord]) -> None:
    if not records:
        raise RequestError("there is no run to report; `harness run` makes one")
    found = sorted({(r.dataset.name, r.dataset.fingerprint) for r in records})
    if len(found) > 1:
        listed = ", ".join(f"{name} ({fingerprint[:8]})" for name, fingerprint in found)
        raise RequestError(f"a comparison is of runs on one data set, found {listed}; choose one")


def _rank(row: Row) -> tuple[int, float, str, int, str]:
    record = row.record
    accuracy = record.test.accuracy if record.test and row.done else -1.0
    return STATUSES.index(record.status), -accuracy, row.label, record.seed, record.key


def _groups(rows: Sequence[Row], others: Sequence[Row]) -> tuple[Group, ...]:
    """Group finished rows; no group's label is that of a configuration without a result."""
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(configuration(row.record), []).append(row)
    # Whatever tells configurations apart, it is not a seed: each has several.
    records = [group[0].record for group in members.values()]
    records += _unfinished(records, [row.record for row in others])
    names = labels([record.model_copy(update={"seed": 0}) for record in records])
    groups = [
        Group(name, tuple(sorted(group, key=lambda row: (row.record.seed, row.record.key))))
        for name, group in zip(names, members.values(), strict=False)
    ]
    return tuple(sorted(groups, key=lambda group: (-group.accuracy, group.label)))


def _unfinished(finished: Sequence[RunRecord], others: Sequence[RunRecord]) -> list[RunRecord]:
    """Return a record of each configuration that has no finished run.

    What ended before its machine was looked at is taken for one of the first's machine.
    """
    here = {"environment": finished[0].environment} if finished else {}
    known = {configuration(record) for record in finished}
    found: dict[str, RunRecord] = {}
    for record in others:
        placed = record if record.environment else record.model_copy(update=here)
        found.setdefault(configuration(placed), placed)
    return [record for text, record in found.items() if text not in known]
