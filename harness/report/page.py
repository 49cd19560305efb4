"""What a report says, in order, before it is Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness import __version__
from harness.report.card import Fact, protocol_card
from harness.report.comparison import Comparison
from harness.report.plots.plot import Plot
from harness.report.sentence import headline
from harness.report.views import (
    View,
    class_view,
    clean_class_view,
    main_view,
    speed_view,
    unfinished_view,
)

SYNTHETIC = (
    "Synthetic data: the images are generated. These numbers try the harness out; they say nothing "
    "about photographs."
)


@dataclass(frozen=True)
class Page:
    """The parts of a report; ``sections`` are headings and texts that plugins bring."""

    title: str
    headline: str
    warning: str
    card: tuple[Fact, ...]
    views: tuple[View, ...]
    plots: tuple[Plot, ...]
    sections: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    generated_at: str
    version: str = __version__


def compose(
    comparison: Comparison,
    plots: Sequence[Plot],
    sections: Sequence[tuple[str, str]],
    generated_at: str,
) -> Page:
    """Gather the parts of a report."""
    views: list[View | None] = [unfinished_view(comparison)]
    if comparison.done:
        views = [
            main_view(comparison),
            class_view(comparison),
            clean_class_view(comparison),
            speed_view(comparison),
            *views,
        ]
    return Page(
        title=f"{comparison.dataset.name}: quality beside speed",
        headline=headline(comparison),
        warning=SYNTHETIC if comparison.dataset.synthetic else "",
        card=protocol_card(comparison),
        views=tuple(view for view in views if view),
        plots=tuple(plots),
        sections=tuple(sections),
        commands=tuple((row.label, row.record.command) for row in comparison.rows),
        generated_at=generated_at,
    )
