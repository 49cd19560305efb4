"""Short names for runs: what the user set, and beyond that only what tells them apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from harness.schema import RunRecord, device_kind

Facet = Callable[[RunRecord], str]


def base(record: RunRecord) -> str:
    """Return the model with the arguments that the user set: ``vgg[width=16]``."""
    arguments = assignments(record.arguments)
    return f"{record.model}[{arguments}]" if arguments else record.model


def with_recipe(record: RunRecord) -> str:
    """Return the model, its arguments and its recipe, but the default one: ``vgg strong``."""
    recipe = "" if record.recipe_name == "default" else record.recipe_name
    return f"{base(record)} {recipe}".rstrip()


def assignments(values: Mapping[str, object]) -> str:
    """Write ``{"b": 2, "a": 1}`` as ``a=1,b=2``."""
    return ",".join(f"{name}={value}" for name, value in sorted(values.items()))


def shortened(overrides: Mapping[str, object]) -> dict[str, str]:
    """Return overrides as texts for a line: keys of teachers with as many digits as ``-o`` needs.

    With twelve of each they would fill it.
    """
    texts = {name: str(value) for name, value in overrides.items()}
    if teachers := texts.get("teachers"):
        texts["teachers"] = "+".join(key[:4] for key in teachers.split("+"))
    return texts


def facets(records: Sequence[RunRecord]) -> tuple[Facet, ...]:
    """Return what may tell ``records`` apart, in the order in which it is tried.

    Each text says by itself what it is about. What was set to one value for all of them, as are
    most fields beside the axes of a grid, is left out.
    """
    shared = set.intersection(*(_settings(record) for record in records))
    # What ended before its machine was looked at is taken for one of the others' machine.
    torch = next((record.environment.torch for record in records if record.environment), "")
    return (
        lambda record: assignments(dict(_settings(record) - shared)),
        lambda record: record.precision,
        lambda record: device_kind(record.device),
        lambda record: f"threads {record.threads}",
        lambda record: f"torch {record.environment.torch if record.environment else torch}",
        lambda record: f"revisions {len(record.revisions)}" if record.revisions else "",
        lambda record: f"of {record.plugin.name}",
        lambda record: f"code {record.plugin.sha256[:8]}",
        # Behind all that makes a configuration: a run's label begins like that of its group.
        lambda record: f"seed {record.seed}",
        lambda record: f"key {record.key[:8]}",
        lambda record: f"key {record.key}",
    )


def _settings(record: RunRecord) -> set[tuple[str, str]]:
    return set(shortened(record.overrides).items())


def labels(records: Sequence[RunRecord]) -> list[str]:
    """Return a label for each record, unlike all others.

    The recipe is named wherever one table has several, also of a model that is in it only once:
    it is what a reader looks for, and part of what is compared.
    """
    found = [""] * len(records)
    several = len({record.recipe_name for record in records}) > 1
    by_name: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        name = with_recipe(record) if several else base(record)
        by_name.setdefault(name, []).append(index)
    for name, members in by_name.items():
        tried = facets([records[index] for index in members])
        _tell_apart(records, members, name, tried, found)
    return found


def _tell_apart(
    records: Sequence[RunRecord],
    members: Sequence[int],
    name: str,
    tried: Sequence[Facet],
    found: list[str],
) -> None:
    """Split the members by one facet after the other until each stands alone."""
    if len(members) == 1:
        found[members[0]] = name
    elif not tried:
        # The same record twice, say from two copies of one store.
        for number, index in enumerate(members, start=1):
            found[index] = f"{name} #{number}"
    else:
        parts: dict[str, list[int]] = {}
        for index in members:
            parts.setdefault(tried[0](records[index]), []).append(index)
        for text, part in parts.items():
            longer = f"{name} {text}".rstrip() if len(parts) > 1 else name
            _tell_apart(records, part, longer, tried[1:], found)


def configuration(record: RunRecord) -> str:
    """Return a text that is the same for runs that differ by their seed only."""
    parts = (
        record.model,
        record.arguments,
        record.recipe_name,
        record.recipe.model_dump(),
        device_kind(record.device),
        record.precision,
        record.threads,
        record.revisions,
        record.plugin.sha256,
        record.environment.torch if record.environment else None,
        record.protocol.model_dump(),
        record.dataset.votes_sha256 if record.recipe.targets == "votes" else None,
    )
    return json.dumps(parts, sort_keys=True)
