"""Which runs of two sides are compared: those of one model with one recipe on one data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.report.labels import assignments, base, configuration
from harness.schema import RunRecord
from harness.versus.side import Result, Side

Key = Callable[[RunRecord], str]
Configurations = dict[str, tuple[Result, ...]]


@dataclass(frozen=True)
class Match:
    """The runs of one configuration on both sides: they differ by their seeds only."""

    label: str
    first: tuple[Result, ...]
    second: tuple[Result, ...]


@dataclass(frozen=True)
class Matches:
    """What is on both sides, and the labels of what is on one only."""

    both: tuple[Match, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def match(first: Side, second: Side) -> Matches:
    """Pair the configurations of two sides by what the user asked for.

    That is model, arguments, recipe and data set, whatever the code, the machine or the versions
    were. Where both sides hold a single one, the two are compared whatever they are called.
    """
    one, two = _configurations(first), _configurations(second)
    if len(one) == len(two) == 1 and one.keys() != two.keys():
        [left], [right] = one.values(), two.values()
        label = f"{_label(left[0].record)} → {_label(right[0].record)}"
        return Matches((Match(label, left, right),), (), ())
    names = _labels({**two, **one})
    both = sorted(one.keys() & two.keys(), key=names.__getitem__)
    return Matches(
        tuple(Match(names[key], one[key], two[key]) for key in both),
        tuple(sorted(names[key] for key in one.keys() - two.keys())),
        tuple(sorted(names[key] for key in two.keys() - one.keys())),
    )


def _asked(record: RunRecord) -> str:
    """Return a text that is the same for runs that were asked for in the same words."""
    parts = (
        record.model,
        record.arguments,
        record.recipe_name,
        record.overrides,
        record.dataset.name,
    )
    return json.dumps(parts, sort_keys=True)


def _configurations(side: Side) -> Configurations:
    """Return the runs by what was asked for; of several states of the code, the latest."""
    found = {}
    for key, members in _grouped(side.results, _asked).items():
        states = _grouped(members, configuration).values()
        latest = max(states, key=lambda state: max(one.record.finished_at for one in state))
        found[key] = tuple(sorted(latest, key=lambda one: one.record.seed))
    return found


def _grouped(results: Iterable[Result], key: Key) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for one in results:
        groups.setdefault(key(one.record), []).append(one)
    return groups


def _label(record: RunRecord) -> str:
    recipe = "" if record.recipe_name == "default" else record.recipe_name
    return " ".join(part for part in (base(record), recipe, assignments(record.overrides)) if part)


def _labels(configurations: Configurations) -> dict[str, str]:
    """Return a label for each; the data set is named where there are several."""
    records = {key: results[0].record for key, results in configurations.items()}
    several = len({record.dataset.name for record in records.values()}) > 1
    return {
        key: f"{_label(record)} on {record.dataset.name}" if several else _label(record)
        for key, record in records.items()
    }
