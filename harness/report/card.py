"""The protocol card: what was fixed, on what, where, and in what the rows differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.report import units
from harness.report.comparison import Comparison, Group, Row
from harness.report.views.tta import WORDS
from harness.schema import Environment

NAMED = 4  # Of more configurations that differ from others, runs are counted.
MOST = 12  # More values than this are counted, too.


@dataclass(frozen=True)
class Fact:
    """One line of the card; ``differs`` says that the rows do not all agree on it."""

    name: str
    values: tuple[str, ...]
    differs: bool = False

    @property
    def text(self) -> str:
        """The values in one line, saying so where the rows differ."""
        return "; ".join(self.values) + (" — the rows differ" if self.differs else "")


@dataclass(frozen=True)
class About:
    """The rows that the card is about, and the configurations that they are of."""

    rows: Sequence[Row]
    groups: Sequence[Group]

    def fact(self, name: str, read: Callable[[Row], str | None]) -> Fact:
        """Gather a value of all rows; where they differ, with those that have it."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if (value := read(row)) is not None:
                found.setdefault(value, []).append(row)
        if len(found) < 2:
            return Fact(name, tuple(found))
        if len(found) > MOST:
            return Fact(name, (f"{len(found)} different ones, each on its run's page",), True)
        values = (f"{text} [{self._who(rows)}]" for text, rows in sorted(found.items()))
        return Fact(name, tuple(values), differs=True)

    def _who(self, rows: Sequence[Row]) -> str:
        """Name the few configurations that these rows are, or say how many runs they are."""
        these = {id(row) for row in rows}
        whole = [g for g in self.groups if all(id(row) in these for row in g.rows)]
        if len(whole) <= NAMED and sum(len(group.rows) for group in whole) == len(rows):
            return ", ".join(group.label for group in whole)
        return units.counted(len(rows), "run")


def protocol_card(comparison: Comparison) -> tuple[Fact, ...]:
    """Return the card of the rows with a result (of all rows if none has one)."""
    about = About(comparison.done or comparison.rows, comparison.groups)
    facts = (
        *_data(comparison),
        _warnings(about.rows),
        _twins(about),
        about.fact("votes", _votes),
        *_choices(about),
        *_setting(about),
        *_environments(about),
    )
    return tuple(fact for fact in facts if fact.values)


def _data(comparison: Comparison) -> tuple[Fact, ...]:
    card = comparison.dataset
    channels, height, width = card.input_shape
    classes = f"{len(card.classes)}: {', '.join(card.classes)}"
    return (
        Fact("data set", (f"{card.name} (fingerprint {card.fingerprint[:8]})",)),
        Fact("synthetic", ("yes: generated images, no photographs" if card.synthetic else "no",)),
        Fact("splits", (", ".join(f"{name} {n}" for name, n in card.counts.items()) + " images",)),
        Fact("images", (f"{height}×{width}, {units.counted(channels, 'channel')}",)),
        Fact("classes", (classes,)),
    )


def _warnings(rows: Sequence[Row]) -> Fact:
    """Say what the data set is not to be taken for, each once."""
    every = (warning for row in rows for warning in row.record.dataset.warnings)
    return Fact("warnings of the data", tuple(dict.fromkeys(every)))


def _votes(row: Row) -> str | None:
    sha256 = row.record.dataset.votes_sha256
    return f"of annotators (SHA-256 {sha256[:8]})" if sha256 else None


def _twins(about: About) -> Fact:
    """Say how many test images have a twin in the training split; nothing without an audit."""

    def text(row: Row) -> str | None:
        audit, count = row.record.audit, row.record.dataset.counts.get("test")
        if audit is None or not count:
            return None
        return (
            f"{audit.twins} of {count} test images ({units.percent(audit.twins / count)} %) have a "
            f"twin in train: {audit.words}; without them the clean test has "
            f"{audit.clean} (audit version {audit.version})"
        )

    return about.fact("twins in train", text)


def _choices(about: About) -> tuple[Fact, ...]:
    return (
        about.fact("selection", lambda row: row.record.protocol.selection),
        about.fact("normalisation", lambda row: row.record.protocol.normalization),
        about.fact("test split", lambda row: row.record.protocol.test),
        about.fact("test-time augmentation", lambda row: _tta(row.record.protocol.tta)),
        about.fact(
            "pretraining",
            lambda row: row.record.protocol.pretrained or "none declared by the plugin",
        ),
    )


def _tta(kind: str) -> str:
    if kind not in WORDS:
        return kind
    return f"{kind}: mean probabilities over {WORDS[kind]}, beside the plain figures"


def _setting(about: About) -> tuple[Fact, ...]:
    return (
        about.fact("training", _training),
        about.fact("epochs", _epochs),
        _seeds(about),
        about.fact("precision", lambda row: row.record.precision),
        about.fact("device", lambda row: row.record.device),
        about.fact("threads", lambda row: str(row.record.threads)),
    )


def _training(row: Row) -> str:
    recipe = row.record.recipe
    if recipe.epochs == 0:
        return "none: as built"
    rate = f"learning rate {recipe.learning_rate:g}"
    optimizer = "its own optimizer" if row.record.own_optimizer else f"{recipe.optimizer}, {rate}"
    return f"{optimizer} ({recipe.schedule}), batches of {recipe.batch_size}"


def _seeds(about: About) -> Fact:
    """Say the seeds of each configuration, once where all have the same."""
    seeds: dict[int, str] = {}
    for group in about.groups:
        seeds |= dict.fromkeys(map(id, group.rows), _listed(group.rows))
    of_none = _listed(about.rows)
    return about.fact("seeds", lambda row: seeds.get(id(row), of_none))


def _listed(rows: Sequence[Row]) -> str:
    return ", ".join(map(str, sorted({row.record.seed for row in rows})))


def _epochs(row: Row) -> str:
    look = ", a first look (--quick): no result of the recipe" if row.record.quick else ""
    return f"{row.record.recipe.epochs}{look}"


def _environments(about: About) -> tuple[Fact, ...]:
    def trained(read: Callable[[Environment], str]) -> Callable[[Row], str | None]:
        return lambda row: read(row.record.environment) if row.record.environment else None

    def timed(row: Row) -> str | None:
        return _machine(row.speed.environment) if row.speed and row.timed_on else None

    on = trained(_machine)
    where = [about.fact("trained on", on), about.fact("timed on", timed)]
    if all(timed(row) in (None, on(row)) for row in about.rows):
        where = [about.fact("machine", on)]
    return (
        *where,
        about.fact("torch", trained(lambda environment: environment.torch)),
        about.fact("python", trained(lambda environment: environment.python)),
        about.fact("harness", trained(lambda environment: environment.harness)),
    )


def _machine(environment: Environment) -> str:
    parts = (
        environment.processor,
        units.counted(environment.cores, "core"),
        f"{units.size(environment.memory_bytes)} memory",
        environment.gpu or "no GPU",
        environment.system,
    )
    return f"{environment.machine[:8]}: {', '.join(parts)}"
