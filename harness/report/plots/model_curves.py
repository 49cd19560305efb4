"""Loss beside accuracy over the epochs, a plot for each model."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from harness.report.comparison import Group, Row
from harness.report.middle import HELD, as_band, selected
from harness.report.plots import style
from harness.report.plots.curves import QUANTITIES, SPLIT_NAMES, SPLITS, dress, lines
from harness.report.plots.plot import Plot
from harness.report.time_to_accuracy import trained
from harness.report.units import percent

WIDTH, HEIGHT = 960.0, 360.0


def model_curves(groups: Sequence[Group], names: Sequence[str]) -> list[Plot]:
    """Draw each group that was trained; what they share is laid out once.

    Frames differ by the height of their title only, so that a frame made for one group takes the
    lines of the next: the same pixels, in less time.
    """
    frames: dict[int, _Frame] = {}
    plots = []
    for index, (group, name) in enumerate(zip(groups, names, strict=True)):
        if not any(row.epochs for row in group.rows):
            continue
        title = style.wrapped(f"{group.label}{_over(group)}", 110)
        height = title.count("\n") + 1
        if height not in frames:
            frames[height] = _Frame(height)
        plots.append(frames[height].plot(group, index, title, name))
    return plots


class _Frame:
    """A figure that shows one group after the other."""

    def __init__(self, title_lines: int) -> None:
        top = 40 + 18 * title_lines
        self.figure = style.spaced_figure(
            WIDTH, HEIGHT, top=top, bottom=50, left=78, across=88, columns=2
        )
        self.axes = dict(zip(QUANTITIES, self.figure.subplots(1, 2), strict=True))
        for quantity, axes in self.axes.items():
            dress(axes, quantity, quantity)

    def plot(self, group: Group, index: int, title: str, name: str) -> Plot:
        self.figure.suptitle(title, x=0.01, y=1 - 6 / HEIGHT, ha="left", fontsize=10, weight="bold")
        for quantity, axes in self.axes.items():
            _empty(axes)
            for split, dashes in zip(SPLITS, ("--", "-"), strict=True):
                lines(axes, group, f"{split}_{quantity}", index, dashes, SPLIT_NAMES[split])
            _selected(axes, group, f"valid_{quantity}", index)
            # Beside the title it covers no line, and no place need be looked for.
            axes.legend(
                loc="lower right",
                bbox_to_anchor=(1, 1),
                ncols=3,
                borderpad=0.2,
                borderaxespad=0.2,
                handlelength=1.6,
                handletextpad=0.5,
                columnspacing=1.2,
            )
        return style.finish(self.figure, name, _alt(group))


def _empty(axes: Axes) -> None:
    """Take away the lines of an earlier group, and what they said of the axes' limits."""
    for artist in (*axes.lines, *axes.collections):
        artist.remove()
    axes.relim()


def _over(group: Group) -> str:
    return f": median and {HELD} of {len(trained(group))} seeds" if as_band(group) else ""


def _selected(axes: Axes, group: Group, field: str, index: int) -> None:
    if as_band(group):
        return  # One of so many seeds has no line of its own to stand on.
    points = [
        (epoch.epoch, getattr(epoch, field))
        for row in group.rows
        for epoch in row.epochs
        if epoch.epoch == row.record.selected_epoch
    ]
    if points:
        axes.plot(
            *zip(*points, strict=True),
            linestyle="none",
            marker="o",
            markersize=7,
            markerfacecolor="white",
            markeredgewidth=1.8,
            color=style.colour(index),
            label="selected epoch",
        )


def _alt(group: Group) -> str:
    text = f"Loss and accuracy of {group.label} on training and validation images by epoch"
    if over := _over(group):
        chosen = selected(group)
        return (
            f"{text}{over}.{f' Epochs {chosen[0]} to {chosen[1]} were selected.' if chosen else ''}"
        )
    return " ".join([f"{text}.", *(sentence for row in group.rows if (sentence := _choice(row)))])


def _choice(row: Row) -> str:
    chosen = [e for e in row.epochs if e.epoch == row.record.selected_epoch]
    if not chosen:
        return ""
    accuracy = f"{percent(chosen[0].valid_accuracy)} %"
    return f"Seed {row.record.seed}: epoch {chosen[0].epoch} was selected, at {accuracy}."
