"""The confusion matrix: colours are shares of the true class, texts are counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.typing import NDArray

from harness.report.comparison import Group
from harness.report.derived import summed_confusion
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.units import percent

TEXTS = 20  # With more classes, cells hold no text.
TICKS = 40  # With more classes, not every one is named.
ALT = 12  # With more classes, the alternative text does not list them.


def confusion_plots(
    groups: Sequence[Group], classes: tuple[str, ...], names: Sequence[str]
) -> list[Plot]:
    """Draw the confusion matrix of each group; what they share is laid out once.

    Frames differ by the height of their title only, so that a frame drawn for one group takes the
    counts of the next: the same pixels, in less time.
    """
    frames: dict[int, _Frame] = {}
    plots = []
    for group, name in zip(groups, names, strict=True):
        title = _title(group)
        lines = title.count("\n")
        if lines not in frames:
            frames[lines] = _Frame(classes, title)
        plots.append(frames[lines].plot(group, title, name))
    return plots


class _Frame:
    """A figure that shows one matrix after the other."""

    def __init__(self, classes: tuple[str, ...], title: str) -> None:
        self.classes = classes
        side = float(np.clip(48 * len(classes) + 160, 400, 820))
        self.figure = style.figure(side + 60, side)
        self.axes = self.figure.subplots()
        empty = np.zeros((len(classes), len(classes)))
        self.image = self.axes.imshow(empty, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        bar = self.figure.colorbar(self.image, ax=self.axes, shrink=0.8, aspect=30)
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        bar.outline.set_visible(False)
        self.texts = _texts(self.axes, len(classes)) if len(classes) <= TEXTS else []
        _dress(self.axes, classes)
        self.title = self.axes.set_title(title, y=style.TOP)
        self.canvas = style.dense_canvas(self.figure)
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")  # It stays as it was laid out.
        self.moving = (self.image, *self.texts, self.title)
        self.still = self._still()

    def _pixels(self) -> NDArray[np.uint8]:
        """Return the canvas itself, to be read or written."""
        return np.asarray(self.canvas.buffer_rgba())  # type: ignore[no-untyped-call]

    def _still(self) -> NDArray[np.uint8]:
        """Draw what all groups share, and return those pixels."""
        for artist in self.moving:
            artist.set_visible(False)
        self.canvas.draw()  # type: ignore[no-untyped-call]
        for artist in self.moving:
            artist.set_visible(True)
        return np.array(self._pixels())

    def plot(self, group: Group, title: str, name: str) -> Plot:
        counts = np.array(summed_confusion(group))
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
        self.title.set_text(title)
        self.image.set_data(shares)
        if self.texts:
            self._write(counts, shares)
        self._pixels()[:] = self.still
        for artist in self.moving:
            self.axes.draw_artist(artist)
        return style.packed(self.canvas, name, _alt(group, shares, self.classes))

    def _write(self, counts: NDArray[np.integer[Any]], shares: NDArray[np.floating[Any]]) -> None:
        few = len(self.classes) <= 10
        inks = style.ink_on(self.image.cmap(shares.ravel())[:, :3])
        there = np.repeat(counts.sum(axis=1) > 0, len(self.classes))
        cells = zip(self.texts, counts.flat, shares.flat, inks, there, strict=True)
        for text, count, share, ink, known in cells:
            words = f"{count}\n{100 * share:.0f} %" if few else str(count)
            text.set_text(words if known else "")
            text.set_color(ink)


def _texts(axes: Axes, size: int) -> list[Text]:
    """Return an empty text for each cell."""
    letters = 8.5 if size <= 10 else 6.5
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": letters}
    texts = [axes.text(column, row, "", **look) for row, column in np.ndindex(size, size)]
    for text in texts:
        text.set_in_layout(False)  # It lies within the matrix.
    return texts


def _dress(axes: Axes, classes: tuple[str, ...]) -> None:
    step = math.ceil(len(classes) / TICKS)
    ticks = range(0, len(classes), step)
    names = [style.wrapped(classes[tick], 16) for tick in ticks]
    small = 8.5 if len(classes) <= TEXTS else 6.5
    axes.set_xticks(ticks, names, fontsize=small, rotation=45 if len(classes) <= 10 else 90)
    if len(classes) <= 10:
        for text in axes.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, names, fontsize=small)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0 if step == 1 else 3)


def _title(group: Group) -> str:
    seeds = f" (sum over {len(group.rows)} seeds)" if len(group.rows) > 1 else ""
    return style.wrapped(f"{group.label}{seeds}", 60)


def _alt(group: Group, shares: np.ndarray, classes: tuple[str, ...]) -> str:
    text = f"Confusion matrix of {group.label} on the test images; rows are the true classes."
    if len(classes) > ALT:
        return text
    # The shares of a class without images are all 0.
    there = [(i, name) for i, name in enumerate(classes) if shares[i].any()]
    found = (f"{name} {percent(shares[i, i])} %" for i, name in there)
    return f"{text} On the diagonal: {', '.join(found)}."
