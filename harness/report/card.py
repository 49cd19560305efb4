"""The protocol card: what was fixed, on what, where, and in what the rows differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.report import units
from harness.report.comparison import Comparison, Row
from harness.report.views.tta import WORDS
from harness.schema import Environment


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


def protocol_card(comparison: Comparison) -> tuple[Fact, ...]:
    """Return the card of the rows with a result (of all rows if none has one)."""
    rows = comparison.done or comparison.rows
    facts = (
        *_data(comparison),
        _warnings(rows),
        _twins(rows),
        _fact("votes", rows, _votes),
        *_choices(rows),
        *_setting(rows),
        *_environments(rows),
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


def _twins(rows: Sequence[Row]) -> Fact:
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

    return _fact("twins in train", rows, text)


def _choices(rows: Sequence[Row]) -> tuple[Fact, ...]:
    return (
        _fact("selection", rows, lambda row: row.record.protocol.selection),
        _fact("normalisation", rows, lambda row: row.record.protocol.normalization),
        _fact("test split", rows, lambda row: row.record.protocol.test),
        _fact("test-time augmentation", rows, lambda row: _tta(row.record.protocol.tta)),
        _fact(
            "pretraining",
            rows,
            lambda row: row.record.protocol.pretrained or "none declared by the plugin",
        ),
    )


def _tta(kind: str) -> str:
    if kind not in WORDS:
        return kind
    return f"{kind}: mean probabilities over {WORDS[kind]}, beside the plain figures"


def _setting(rows: Sequence[Row]) -> tuple[Fact, ...]:
    seeds = sorted({row.record.seed for row in rows})
    return (
        _fact("epochs", rows, _epochs),
        Fact("seeds", (", ".join(map(str, seeds)),)),
        _fact("precision", rows, lambda row: row.record.precision),
        _fact("device", rows, lambda row: row.record.device),
        _fact("threads", rows, lambda row: str(row.record.threads)),
    )


def _epochs(row: Row) -> str:
    look = ", a first look (--quick): no result of the recipe" if row.record.quick else ""
    return f"{row.record.recipe.epochs}{look}"


def _environments(rows: Sequence[Row]) -> tuple[Fact, ...]:
    def trained(read: Callable[[Environment], str]) -> Callable[[Row], str | None]:
        return lambda row: read(row.record.environment) if row.record.environment else None

    def timed(row: Row) -> str | None:
        return _machine(row.speed.environment) if row.speed and row.timed_on else None

    on = trained(_machine)
    where = [_fact("trained on", rows, on), _fact("timed on", rows, timed)]
    if all(timed(row) in (None, on(row)) for row in rows):
        where = [_fact("machine", rows, on)]
    return (
        *where,
        _fact("torch", rows, trained(lambda environment: environment.torch)),
        _fact("python", rows, trained(lambda environment: environment.python)),
        _fact("harness", rows, trained(lambda environment: environment.harness)),
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


def _fact(name: str, rows: Sequence[Row], read: Callable[[Row], str | None]) -> Fact:
    """Gather a value of all rows; where they differ, with the number of rows that have it."""
    found = Counter(value for row in rows if (value := read(row)) is not None)
    if len(found) < 2:
        return Fact(name, tuple(found))
    values = (f"{text} [{units.counted(n, 'run')}]" for text, n in sorted(found.items()))
    return Fact(name, tuple(values), differs=True)
