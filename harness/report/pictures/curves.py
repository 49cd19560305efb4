"""Accuracy and loss over the epochs, all models in one frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group
from harness.report.middle import HELD, MANY_SEEDS, Middle, as_band, middle_of
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent, plain, room_for
from harness.report.pictures.picture import Picture, group_key, series, split_keys
from harness.report.pictures.scales import Scale, linear, whole_ticks
from harness.report.plotted import DOTTED

WIDTH, HEIGHT = 560.0, 330.0
SPLITS = (("train", "training"), ("valid", "validation"))
MODELS = 6  # With more models, the lines of training wait for a press on the legend.


def curves_picture(groups: Sequence[tuple[int, Group]]) -> Picture | None:
    """Draw configurations, each with its place in the comparison; None if none was trained."""
    trained = [(index, group) for index, group in groups if any(r.epochs for r in group.rows)]
    if not trained:
        return None
    models = [group_key(index, group, line=True) for index, group in trained]
    return Picture(
        "curves",
        "Training curves",
        tuple(_panel(quantity, trained) for quantity in ("accuracy", "loss")),
        (*split_keys(len(models) > MODELS), *(models if len(groups) > 1 else ())),
        f"{_over(trained)}{_ring(trained)}Training values are running means over the "
        "batches as they were trained on, augmented and with dropout where there is such, and so "
        "may be worse than validation.",
    )


def _ring(trained: Sequence[tuple[int, Group]]) -> str:
    lines = [group for _, group in trained if not as_band(group)]
    chosen = any(row.record.selected_epoch for group in lines for row in group.rows)
    return "A ring is the selected epoch. " if chosen else ""


def _over(trained: Sequence[tuple[int, Group]]) -> str:
    if not any(as_band(group) for _, group in trained):
        return ""
    return (
        f"Of a model with more than {MANY_SEEDS} seeds, a line is their median and a band holds "
        f"the {HELD} of them. "
    )


@dataclass(frozen=True)
class _Curve:
    """A line with its name; ``ring`` is the place of the epoch that has one, ``band`` its edges."""

    words: str
    split: str
    index: int
    epochs: Sequence[int]
    values: Sequence[float]
    ring: int | None = None
    band: tuple[Sequence[float], Sequence[float]] | None = None


def _panel(quantity: str, trained: Sequence[tuple[int, Group]]) -> Markup:
    curves = [curve for index, group in trained for curve in _curves_of(group, index, quantity)]
    values = [value for curve in curves for value in chain(curve.values, *(curve.band or ()))]
    # A model's own loss may be below 0.
    bounds = (0.0, 1.0) if quantity == "accuracy" else (min(0.0, *values), float("inf"))
    y = linear(values, HEIGHT - 48, 14, bounds=bounds, least=0.02)
    last = max(curve.epochs[-1] for curve in curves)
    ticks = whole_ticks(1, last, 8)
    text = per_cent if quantity == "accuracy" else plain
    x = Scale(1 - 0.02 * last, last + 0.02 * last, room_for(y, text), WIDTH - 14, ticks)
    return svg.canvas(
        WIDTH,
        HEIGHT,
        f"{quantity} by epoch",
        frame(x, y, (plain, text), ("epoch", quantity), fine=False),
        *(_line(curve, x, y) for curve in curves),
        class_="curves",
        data_quantity=quantity,
        data_x=svg.ends(x),
        data_y=svg.ends(y),
    )


def _curves_of(group: Group, index: int, quantity: str) -> list[_Curve]:
    return [*_of_many(group, index, quantity)] or [*_of_each(group, index, quantity)]


def _of_many(group: Group, index: int, quantity: str) -> Iterator[_Curve]:
    for split, name in SPLITS:
        middle = middle_of(group, f"{split}_{quantity}")
        if middle:
            words = _words_of_many(group, middle, f"{name} {quantity}")
            band = (middle.low, middle.high)
            yield _Curve(words, split, index, middle.epochs, middle.median, band=band)


def _of_each(group: Group, index: int, quantity: str) -> Iterator[_Curve]:
    for row in group.rows:
        if not row.epochs:
            continue
        epochs = [epoch.epoch for epoch in row.epochs]
        chosen = row.record.selected_epoch
        place = epochs.index(chosen) if chosen in epochs else None
        for split, name in SPLITS:
            values = [*map(attrgetter(f"{split}_{quantity}"), row.epochs)]
            words = _words(row.label, f"{name} {quantity}", epochs, values, place)
            ring = place if split == "valid" else None
            yield _Curve(words, split, index, epochs, values, ring)


def _line(curve: _Curve, x: Scale, y: Scale) -> Markup:
    points = [(x(epoch), y(value)) for epoch, value in zip(curve.epochs, curve.values, strict=True)]
    parts = []
    if curve.band:
        low, high = ([*zip(map(x, curve.epochs), map(y, edge), strict=True)] for edge in curve.band)
        parts.append(svg.tag("polygon", points=svg.path([*low, *reversed(high)]), class_="held"))
    dashes = svg.dash(curve.index) if curve.split == "valid" else "3 3"
    parts.append(svg.tag("polyline", points=svg.path(points), stroke_dasharray=dashes))
    if len(points) <= DOTTED:
        parts += [svg.tag("circle", cx=a, cy=b, r=2.2, class_="dot") for a, b in points]
    if curve.ring is not None:
        left, top = points[curve.ring]
        parts.append(svg.tag("circle", cx=left, cy=top, r=4.5, class_="ring"))
    return svg.mark(
        curve.words,
        *parts,
        kind=f"line {curve.split} {svg.colour(curve.index)}",
        series=f"{curve.split} {series(curve.index)}",
    )


def _words(
    label: str, name: str, epochs: Sequence[int], values: Sequence[float], chosen: int | None
) -> str:
    parts = [f"{_value(values[-1], name)} at the last epoch {epochs[-1]}"]
    if chosen is not None:
        parts.insert(0, f"{_value(values[chosen], name)} at the selected epoch {epochs[chosen]}")
    return f"{label}, {name}: {', '.join(parts)}"


def _words_of_many(group: Group, middle: Middle, name: str) -> str:
    low, median, high = (
        _value(edge[-1], name) for edge in (middle.low, middle.median, middle.high)
    )
    few = middle.lasting < middle.seeds
    reached = f" (which {middle.lasting} of them reached)" if few else ""
    return (
        f"{group.label}, {name}, median of {middle.seeds} seeds: {median} at epoch "
        f"{middle.epochs[-1]}{reached}, the {HELD} {low} to {high}"
    )


def _value(value: float, name: str) -> str:
    if name.endswith("accuracy"):
        return f"{units.percent(value)} %"
    return f"{value:.3f}" if value >= 0.1 else f"{value:.3g}"
