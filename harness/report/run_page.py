"""What the page of one run says, before it is HTML."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness import __version__
from harness.report import units
from harness.report.card import Fact
from harness.report.comparison import Comparison, Row
from harness.report.evidence import Evidence
from harness.report.face import Face
from harness.report.mistakes import faces, mistakes_view, worst_mistakes
from harness.report.page import SYNTHETIC
from harness.report.pictures.draw import draw_run
from harness.report.pictures.picture import Picture
from harness.report.plots.names import file_names
from harness.report.views import View, strength_view
from harness.report.views.calibration import run_calibration
from harness.report.views.single import class_by_class, quality_view
from harness.schema import RunRecord

WORDS = {"tta": "test-time augmentation", "memory_bytes": "memory"}
Cards = tuple[tuple[str, tuple[Fact, ...]], ...]


@dataclass(frozen=True)
class RunPage:
    """The parts of a run's page; ``cards`` are headings with what was fixed for the run."""

    title: str
    dataset: str
    headline: str
    warning: str
    views: tuple[View, ...]
    pictures: tuple[Picture, ...]
    mistakes: View | None
    faces: tuple[Face, ...]
    cards: Cards
    command: str
    log: str
    generated_at: str
    version: str = __version__


def run_paths(comparison: Comparison) -> dict[str, str]:
    """Return the file of each row's page by the row's label."""
    records = [row.record for row in comparison.rows]
    names = file_names(f"{r.seed}-{r.key[:12]}-{r.model}" for r in records)
    labels = [row.label for row in comparison.rows]
    return {label: f"runs/{name}.html" for label, name in zip(labels, names, strict=True)}


def compose_run(comparison: Comparison, row: Row, evidence: Evidence, generated_at: str) -> RunPage:
    """Gather the parts of a run's page."""
    record = row.record
    mistakes = worst_mistakes(record, evidence)
    return RunPage(
        title=row.label,
        dataset=record.dataset.name,
        headline=_headline(record),
        warning=SYNTHETIC if record.dataset.synthetic else "",
        views=_views(row) if row.done else (),
        pictures=draw_run(comparison, row),
        mistakes=mistakes_view(mistakes),
        faces=faces(mistakes, evidence.images),
        cards=_cards(record),
        command=record.command,
        log=evidence.log,
        generated_at=generated_at,
    )


def _views(row: Row) -> tuple[View, ...]:
    record = row.record
    found = (
        quality_view(record),
        run_calibration(record),
        class_by_class(record),
        strength_view(row),
    )
    return tuple(view for view in found if view)


def _headline(record: RunRecord) -> str:
    test = record.test
    if record.status != "done" or test is None:
        return f"{record.status}: {record.reason or 'no reason was recorded'}"
    reading = (
        f"{units.percent(test.accuracy)} % (95 % interval "
        f"{units.interval(test.accuracy_low, test.accuracy_high)} %) of {test.n} test images right"
    )
    if not record.selected_epoch:
        return f"Seed {record.seed} gets {reading}; it was evaluated as built, without training."
    return (
        f"Seed {record.seed} gets {reading}, with the weights of epoch {record.selected_epoch} of "
        f"{record.recipe.epochs}, chosen on the validation images."
    )


def _cards(record: RunRecord) -> Cards:
    # A first look has fewer epochs than the recipe, and nobody chose their number.
    chosen = record.overrides.keys() - ({"epochs"} if record.quick else set())
    cards = [
        (f"Recipe ({record.recipe_name})", _facts(record.recipe.model_dump(), chosen)),
        ("Arguments", _facts(record.arguments, record.arguments)),
        ("Protocol", _facts(record.protocol.model_dump())),
        ("Setting", _facts(_setting(record))),
        ("Environment", _facts(record.environment.model_dump() if record.environment else {})),
    ]
    return tuple((heading, facts) for heading, facts in cards if facts)


def _setting(record: RunRecord) -> dict[str, object]:
    plugin = record.plugin
    return {
        "data": f"{record.dataset.name} (fingerprint {record.dataset.fingerprint[:8]})",
        "seed": record.seed,
        "device": record.device,
        "precision": record.precision,
        "threads": record.threads,
        "plugin": " ".join(part for part in (plugin.name, plugin.version) if part),
        "plugin's source": f"{plugin.source} (SHA-256 {plugin.sha256[:12]})",
        "key": record.key[:12],
        "weights of": record.weights_of and f"the run {record.weights_of[:12]}, trained alike",
        "finished": record.finished_at,
    }


def _facts(values: Mapping[str, object], changed: Collection[str] = ()) -> tuple[Fact, ...]:
    """Return a line for each value; those in ``changed`` were set by the user."""
    return tuple(
        Fact(
            WORDS.get(name, name.replace("_", " ")),
            (_text(name, value),),
            differs=name in changed,
        )
        for name, value in values.items()
        if value is not None
    )


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_bytes") and isinstance(value, int):
        return units.size(value)
    return str(value) or units.NONE
