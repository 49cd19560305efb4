"""The generalisation gap: a row for each model, from its training to its test accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.report.comparison import Group
from harness.report.gap import SPLITS, with_gap
from harness.report.pictures import svg
from harness.report.pictures.frame import frame, per_cent
from harness.report.pictures.picture import Key, Picture, group_key, series, swatch
from harness.report.pictures.scales import Scale, linear
from harness.report.plotted import SPAN
from harness.report.units import difference, interval, percent

WIDTH, ROW, LETTERS = 760.0, 36.0, 30
Found = tuple[int, Group, dict[str, float]]


def gap_picture(groups: Sequence[tuple[int, Group]]) -> Picture | None:
    """Draw configurations, each with its place in the comparison; None if none has a gap."""
    places = [place for place, _ in groups]
    found = [(places[i], group, own) for i, group, own in with_gap([g for _, g in groups])]
    if not found:
        return None
    splits = {split for _, _, accuracies in found for split in accuracies}
    models = [group_key(index, group) for index, group, _ in found]
    return Picture(
        "generalisation-gap",
        "Generalisation gap",
        (_panel(found),),
        (
            *(Key(split, name, swatch(_sign(split, 14.0, 7.0))) for split, name in SPLITS
              if split in splits),
            *(models if len(groups) > 1 else ()),
        ),
        "Accuracy with the selected weights, without augmentation; the number is training − test "
        f"in points. The thin lines are 95 % Wilson intervals of the test accuracy{SPAN}.",
    )  # fmt: skip


def _panel(found: Sequence[Found]) -> Markup:
    names = [svg.shortened(group.label, LETTERS) for _, group, _ in found]
    left = 24 + max(svg.width_of(name) for name in names)
    values = [
        value for _, group, accuracies in found for value in (*accuracies.values(), *group.interval)
    ]
    x = linear(values, left, WIDTH - 24, bounds=(0, 1), least=0.1, many=8)
    floor = 14 + ROW * len(found)
    tops = [14 + ROW * (place + 0.5) for place in range(len(found))]
    labels = [
        svg.label(name, left - 10, top + 4, "end", aria_hidden="true")
        for name, top in zip(names, tops, strict=True)
    ]
    bands = [
        svg.tag("rect", x=left, y=14 + ROW * row, width=x.end - left, height=ROW, class_="band")
        for row in range(0, len(found), 2)
    ]
    marks = [
        mark
        for one, top in zip(found, tops, strict=True)
        for mark in _row(one, x, top)
    ]  # fmt: skip
    axes = frame(x, Scale(0, floor, 0, floor), (per_cent, per_cent), ("accuracy", ""))
    alt = "Accuracy on the training, validation and test images"
    return svg.canvas(WIDTH, floor + 48, alt, *bands, axes, *labels, *marks, class_="gap")


def _row(one: Found, x: Scale, top: float) -> list[Markup]:
    index, group, accuracies = one
    train, test = accuracies["train"], accuracies["test"]
    words = difference(train - test)
    line = svg.mark(
        f"{group.label}: training − test is {words} points",
        svg.tag("line", x1=x(test), x2=x(train), y1=top, y2=top, class_="between"),
        svg.label(words, (x(train) + x(test)) / 2, top - 8, "middle", class_="small"),
        kind=svg.colour(index),
        series=series(index),
    )
    names = dict(SPLITS)
    ends = [
        svg.mark(
            f"{group.label}, {names[split]}: {percent(accuracy)} %{_words(split, group)}",
            *_interval(split, group, x, top),
            _sign(split, x(accuracy), top),
            kind=svg.colour(index),
            series=f"{split} {series(index)}",
        )
        for split, accuracy in accuracies.items()
    ]
    return [line, *ends]


def _words(split: str, group: Group) -> str:
    return f" ({interval(*group.interval)} %)" if split == "test" else ""


def _interval(split: str, group: Group, x: Scale, top: float) -> list[Markup]:
    if split != "test":
        return []
    low, high = group.interval
    return [svg.tag("line", x1=x(low), x2=x(high), y1=top, y2=top, class_="interval")]


def _sign(split: str, x: float, y: float) -> Markup:
    """Return the sign of a split: what is told apart here are splits, models by their colour."""
    if split == "test":
        return svg.tag("circle", cx=x, cy=y, r=5.0, class_="sign")
    corners = {
        "train": ((-4, -5), (6, 0), (-4, 5)),
        "valid": ((-1.5, -7), (1.5, -7), (1.5, 7), (-1.5, 7)),
        "test_clean": ((0, -6), (6, 0), (0, 6), (-6, 0)),
    }[split]
    points = " ".join(f"{svg.number(x + a)},{svg.number(y + b)}" for a, b in corners)
    return svg.tag("polygon", points=points, class_="sign" if split == "valid" else "sign hollow")
