"""Accuracy and loss over the epochs, all models in one frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from markupsafe import Markup

from harness.report import units
from harness.report.comparison import Group, Row
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent, plain
from harness.report.pictures.picture import Picture, group_key, series, split_keys
from harness.report.pictures.scales import Scale, linear, whole_ticks
from harness.report.plotted import DOTTED
from harness.schema import Epoch

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
        (*split_keys(len(models) > MODELS), *(models if len(models) > 1 else ())),
        "A ring is the selected epoch. Training values are running means over augmented batches, "
        "with dropout at work, and so may be worse than validation.",
    )


def _panel(quantity: str, trained: Sequence[tuple[int, Group]]) -> Markup:
    epochs = [epoch for _, group in trained for row in group.rows for epoch in row.epochs]
    values = [getattr(epoch, f"{split}_{quantity}") for epoch in epochs for split, _ in SPLITS]
    bounds = (0.0, 1.0) if quantity == "accuracy" else (0.0, float("inf"))
    y = linear(values, HEIGHT - 48, 14, bounds=bounds, least=0.02)
    last = max(epoch.epoch for epoch in epochs)
    ticks = whole_ticks(1, last, 8)
    x = Scale(1 - 0.02 * last, last + 0.02 * last, 58, WIDTH - 14, ticks)
    text = per_cent if quantity == "accuracy" else plain
    lines = [
        line
        for index, group in trained
        for row in group.rows
        for line in _lines(row, index, quantity, x, y)
    ]
    return svg.canvas(
        WIDTH,
        HEIGHT,
        f"{quantity} by epoch",
        frame(x, y, (plain, text), ("epoch", quantity), fine=False),
        *lines,
        class_="curves",
        data_quantity=quantity,
        data_x=f"{x(0.0):.3f} {x(1.0):.3f}",
        data_y=f"{y(0.0):.3f} {y(1.0):.3f}",
    )


def _lines(row: Row, index: int, quantity: str, x: Scale, y: Scale) -> Iterator[Markup]:
    if not row.epochs:
        return
    for split, name in SPLITS:
        field = f"{split}_{quantity}"
        points = [(x(epoch.epoch), y(getattr(epoch, field))) for epoch in row.epochs]
        dashes = svg.dash(index) if split == "valid" else "3 3"
        parts = [_path(points, dashes)]
        if len(points) <= DOTTED:
            parts += [svg.tag("circle", cx=a, cy=b, r=2.2, class_="dot") for a, b in points]
        chosen = [p for p, e in zip(points, row.epochs, strict=True) if _selected(row, e)]
        if split == "valid" and chosen:
            left, top = chosen[0]
            parts.append(svg.tag("circle", cx=left, cy=top, r=4.5, class_="ring"))
        yield svg.mark(
            _words(row, field, f"{name} {quantity}"),
            *parts,
            kind=f"line {split} {svg.colour(index)}",
            series=f"{split} {series(index)}",
        )


def _path(points: Sequence[tuple[float, float]], dashes: str | None) -> Markup:
    # All at once: one by one, the coordinates of a thousand runs took a second.
    text = " ".join(["%.1f,%.1f"] * len(points)) % tuple(chain.from_iterable(points))
    return svg.tag("polyline", points=text.replace(".0", ""), stroke_dasharray=dashes)


def _selected(row: Row, epoch: Epoch) -> bool:
    return epoch.epoch == row.record.selected_epoch


def _words(row: Row, field: str, name: str) -> str:
    def value(epoch: Epoch) -> str:
        number = getattr(epoch, field)
        return f"{units.percent(number)} %" if "accuracy" in field else f"{number:.3f}"

    chosen = next((epoch for epoch in row.epochs if _selected(row, epoch)), None)
    parts = [f"{value(row.epochs[-1])} at the last epoch {row.epochs[-1].epoch}"]
    if chosen:
        parts.insert(0, f"{value(chosen)} at the selected epoch {chosen.epoch}")
    return f"{row.label}, {name}: {', '.join(parts)}"
