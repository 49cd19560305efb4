"""The generalisation gap: a row for each model, from its training to its test accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report.comparison import Group
from harness.report.gap import SPLITS, with_gap
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.units import difference, percent

WIDTH = 960.0
ROW = 30.0
MARKERS = {"train": ">", "valid": "|", "test": "o", "test_clean": "d"}
HOLLOW = ("train", "test_clean")


def gap_plot(groups: Sequence[Group]) -> Plot | None:
    """Draw what has both ends of a gap; None if nothing has."""
    found = with_gap(groups)
    if not found:
        return None
    names = [style.wrapped(group.label, 34) for _, group, _ in found]
    heights = [ROW + 13.0 * name.count("\n") for name in names]
    fig = style.figure(WIDTH, 110 + sum(heights))
    axes = fig.subplots()
    for place, (index, group, accuracies) in enumerate(found):
        _dumbbell(axes, group, accuracies, place, style.colour(index))
    axes.set_yticks(range(len(found)), names)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.06)
    axes.set_xlabel(
        "accuracy; numbers are training − test in points, lines the test accuracy's 95 % interval, "
        "over seeds the hull of all"
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.6g} %")
    _legend(axes, {split for _, _, accuracies in found for split in accuracies})
    return style.finish(fig, "generalisation-gap", _alt(found))


def _dumbbell(
    axes: Axes, group: Group, accuracies: dict[str, float], place: int, colour: str
) -> None:
    train, test = accuracies["train"], accuracies["test"]
    axes.plot([test, train], [place, place], color=colour, linewidth=6, alpha=0.3)
    low, high = group.interval
    sides = [[test - low], [high - test]]
    axes.errorbar([test], [place], xerr=sides, color=colour, elinewidth=0.9, capsize=2.5)
    for split, accuracy in accuracies.items():
        axes.plot(
            [accuracy],
            [place],
            marker=MARKERS[split],
            markersize=11 if split == "valid" else 7.5,
            color=colour,
            markerfacecolor="white" if split in HOLLOW else colour,
            markeredgewidth=1.6,
        )
    axes.annotate(
        difference(train - test),
        ((train + test) / 2, place),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )


def _legend(axes: Axes, shown: set[str]) -> None:
    for split, name in SPLITS:
        if split in shown:
            face = "white" if split in HOLLOW else style.INK
            axes.plot([], [], MARKERS[split], color=style.INK, markerfacecolor=face, label=name)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(SPLITS))


def _alt(found: Sequence[tuple[int, Group, dict[str, float]]]) -> str:
    texts = (
        f"{group.label} {percent(accuracies['train'])} % and {percent(accuracies['test'])} %"
        for _, group, accuracies in found
    )
    return f"Accuracy on the training and on the test images: {', '.join(texts)}."
