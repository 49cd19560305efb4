"""What a report says, in order, before it is Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import __version__
from harness.report.card import Fact, protocol_card
from harness.report.comparison import Comparison
from harness.report.plots.plot import Plot
from harness.report.sentence import headline
from harness.report.views import (
    View,
    agreement_view,
    calibration_view,
    class_view,
    clean_class_view,
    ensemble_view,
    gap_view,
    main_view,
    mark_alike,
    robustness_view,
    speed_view,
    time_to_accuracy_view,
    unfinished_view,
    verdict_view,
)

if TYPE_CHECKING:
    from harness.report.face import Face

SYNTHETIC = (
    "Synthetic data: the images are generated. These numbers try the harness out; they say nothing "
    "about photographs."
)
HULL = (
    "Over several seeds, an interval in a picture runs from the lowest to the highest end of "
    "theirs: it is wider than that of one seed, though more is known."
)
CORRUPTED = "With --robustness, they evaluate the corrupted images too."


@dataclass(frozen=True)
class Page:
    """The parts of a report; ``sections`` are headings and texts that plugins bring.

    ``faces`` are images on which the models disagree, where images were given.
    """

    title: str
    headline: str
    warning: str
    card: tuple[Fact, ...]
    views: tuple[View, ...]
    plots: tuple[Plot, ...]
    plots_note: str
    faces: tuple[Face, ...]
    sections: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    commands_note: str
    generated_at: str
    version: str = __version__


def compose(
    comparison: Comparison,
    plots: Sequence[Plot],
    sections: Sequence[tuple[str, str]],
    generated_at: str,
    *,
    more: Sequence[View | None] = (),
    faces: Sequence[Face] = (),
) -> Page:
    """Gather the parts of a report; ``more`` are tables that need more than records."""
    views: list[View | None] = [unfinished_view(comparison)]
    if comparison.done:
        views = [
            mark_alike(main_view(comparison), comparison),
            verdict_view(comparison),
            verdict_view(comparison, "clean"),
            ensemble_view(comparison),
            ensemble_view(comparison, "clean"),
            class_view(comparison),
            clean_class_view(comparison),
            agreement_view(comparison),
            gap_view(comparison),
            calibration_view(comparison),
            robustness_view(comparison),
            speed_view(comparison),
            time_to_accuracy_view(comparison),
            *more,
            *views,
        ]
    return Page(
        title=f"{comparison.dataset.name}: quality beside speed",
        headline=headline(comparison),
        warning=SYNTHETIC if comparison.dataset.synthetic else "",
        card=protocol_card(comparison),
        views=tuple(view for view in views if view),
        plots=tuple(plots),
        plots_note=HULL if any(len(group.rows) > 1 for group in comparison.groups) else "",
        faces=tuple(faces),
        sections=tuple(sections),
        commands_note=CORRUPTED if any(row.robustness for row in comparison.done) else "",
        commands=tuple((row.label, row.record.command) for row in comparison.rows),
        generated_at=generated_at,
    )
