"""Which runs of two sides are compared: those of one model with one recipe on one data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.report.labels import assignments, configuration, shortened, with_recipe
from harness.schema import RunRecord, device_kind
from harness.versus.side import Result, Side

Key = Callable[[RunRecord], str]
Runs = tuple[Result, ...]
Configurations = dict[str, Runs]


@dataclass(frozen=True)
class Match:
    """The runs of one configuration on both sides: they differ by their seeds only.

    ``beside`` are how many runs of other settings or versions each side has of it, ``earlier`` how
    many of other code or data.
    """

    label: str
    first: tuple[Result, ...]
    second: tuple[Result, ...]
    beside: tuple[int, int] = (0, 0)
    earlier: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Matches:
    """What is on both sides, and the labels of what is on one only, with its runs if it is new.

    ``without`` are labels of what the second side holds results of, but none of its latest code;
    ``unjudged`` the same of the first side, of what the second has.
    """

    both: tuple[Match, ...]
    only_first: tuple[str, ...]
    new: dict[str, tuple[Result, ...]]
    without: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def only_second(self) -> tuple[str, ...]:
        """The labels of what the second side alone has."""
        return tuple(self.new)


def match(first: Side, second: Side) -> Matches:
    """Pair the configurations of two sides by what the user asked for.

    That is model, arguments, recipe and data set, whatever the code, the machine or the versions
    were. Where both sides hold a single one, the two are compared whatever they are called.
    """
    left, right = _configurations(first), _configurations(second)
    one, two = left.latest, right.latest
    # What was asked for and has no result is no other model by another name.
    apart = one.keys().isdisjoint(right.asked) and two.keys().isdisjoint(left.asked)
    if len(one) == len(two) == 1 and apart and not left.without and not right.without:
        [before], [after] = one, two
        label = f"{_label(one[before][0].record)} → {_label(two[after][0].record)}"
        earlier = left.earlier[before], right.earlier[after]
        return Matches((_paired(label, one[before], two[after], earlier),), (), {})
    names = _labels({**left.without, **right.without, **two, **one})
    both = sorted(one.keys() & two.keys(), key=names.__getitem__)
    new = sorted(two.keys() - one.keys(), key=names.__getitem__)
    return Matches(
        tuple(
            _paired(names[key], one[key], two[key], (left.earlier[key], right.earlier[key]))
            for key in both
        ),
        tuple(sorted(names[key] for key in one.keys() - two.keys())),
        {names[key]: _one_configuration(two[key]) for key in new},
        tuple(sorted(map(names.__getitem__, right.without))),
        tuple(names[key] for key in new if key in left.without),
    )


def _paired(label: str, left: Runs, right: Runs, earlier: tuple[int, int]) -> Match:
    """Choose of each side's runs one configuration.

    It is the latest of the settings that both have, so that a change of the code is not taken for
    one of the precision; where they have none in common, each side's latest.
    """
    common = {_settings(one) for one in left} & {_settings(one) for one in right}
    alike = (one for one in right if _settings(one) in common)
    wanted = _settings(max(alike, key=_ended, default=right[0]))
    first, second = (
        _one_configuration([one for one in runs if not common or _settings(one) == wanted])
        for runs in (left, right)
    )
    return Match(label, first, second, (_others(left, first), _others(right, second)), earlier)


def _others(runs: Runs, chosen: Runs) -> int:
    """Count the runs of another configuration than the one that was chosen."""
    kept = configuration(chosen[0].record)
    return sum(configuration(one.record) != kept for one in runs)


def _one_configuration(results: Iterable[Result]) -> Runs:
    """Return those of the configuration that ended last, a run for each seed."""
    by_seed = {one.record.seed: one for one in _latest(results, configuration)}
    return tuple(by_seed[seed] for seed in sorted(by_seed))


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


def _settings(one: Result) -> str:
    """Return a text that is the same for runs that compute in the same way."""
    record = one.record
    return f"{device_kind(record.device)} {record.precision} {record.threads}"


def _ended(one: Result) -> str:
    return one.record.finished_at


def _state(record: RunRecord) -> str:
    """Return a text that is the same for runs of one state of the code and of the data."""
    return f"{record.plugin.sha256} {record.dataset.fingerprint}"


@dataclass(frozen=True)
class _Asked:
    """A side's runs by what was asked for; of several states of code or data, the ``latest``.

    Where the latest has no result, an earlier one's does not stand for it: these are ``without``.
    ``earlier`` are how many results of other states there are, ``asked`` is all that was.
    """

    latest: Configurations
    without: Configurations
    earlier: dict[str, int]
    asked: frozenset[str]


def _configurations(side: Side) -> _Asked:
    latest, without, earlier = {}, {}, {}
    groups = _grouped((*side.results, *side.unfinished), _asked)
    for key, members in groups.items():
        done = [one for one in _latest(members, _state) if one.done]
        earlier[key] = sum(one.done for one in members) - len(done)
        if done:
            latest[key] = tuple(done)
        elif earlier[key]:
            without[key] = tuple(members)
    return _Asked(latest, without, earlier, frozenset(groups))


def _latest(results: Iterable[Result], key: Key) -> list[Result]:
    """Return those that are alike in ``key`` and hold the last one, in the order of their ends."""
    ordered = sorted(results, key=_ended)
    return _grouped(ordered, key)[key(ordered[-1].record)]


def _grouped(results: Iterable[Result], key: Key) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for one in results:
        groups.setdefault(key(one.record), []).append(one)
    return groups


def _label(record: RunRecord) -> str:
    changes = assignments(shortened(record.overrides))
    return f"{with_recipe(record)} {changes}".rstrip()


def _labels(configurations: Configurations) -> dict[str, str]:
    """Return a label for each; the data set is named where there are several."""
    records = {key: results[0].record for key, results in configurations.items()}
    several = len({record.dataset.name for record in records.values()}) > 1
    return {
        key: f"{_label(record)} on {record.dataset.name}" if several else _label(record)
        for key, record in records.items()
    }
