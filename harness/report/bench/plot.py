"""Throughput over batch size, a line for each model × precision × backend."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from harness.report.bench.tables import configurations
from harness.report.plots import style
from harness.report.plots.plot import Plot
from harness.report.units import digits
from harness.schema import BenchRecord, BenchResult

WIDTH, HEIGHT = 760.0, 420.0


def throughput_plot(record: BenchRecord) -> Plot | None:
    """Draw medians with their intervals on logarithmic axes; None where nothing predicted."""
    curves = {
        " ".join(key): [one for one in results if one.status == "done" and one.mode == "inference"]
        for key, results in configurations(record).items()
    }
    curves = {label: results for label, results in curves.items() if results}
    if not curves:
        return None
    with style.style():
        labels = list(curves)
        legend = style.legend_height(labels, WIDTH)
        fig = style.figure(WIDTH, HEIGHT + legend)
        axes = fig.subplots()
        for index, (label, results) in enumerate(curves.items()):
            _line(axes, index, label, results)
        _scale(axes, sorted({one.batch_size for group in curves.values() for one in group}))
        title = labels[0] if len(labels) == 1 else "throughput by batch size"
        axes.set(title=title, xlabel="batch size", ylabel="images per second")
        style.legend_below(fig, axes, labels, WIDTH)
        return style.finish(fig, "throughput", _alt(curves))


def _line(axes: Axes, index: int, label: str, results: Sequence[BenchResult]) -> None:
    rates = [one.images_per_second or 0.0 for one in results]
    low = [rate - (one.low or rate) for one, rate in zip(results, rates, strict=True)]
    high = [(one.high or rate) - rate for one, rate in zip(results, rates, strict=True)]
    axes.errorbar(
        [one.batch_size for one in results],
        rates,
        yerr=[low, high],
        color=style.colour(index),
        linestyle=style.dashes(index),
        marker=style.marker(index),
        markersize=5,
        elinewidth=1.2,
        capsize=3,
        label=style.wrapped(label),
    )


def _scale(axes: Axes, sizes: Sequence[int]) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    style.round_logarithmic(axes.yaxis)


def _alt(curves: dict[str, list[BenchResult]]) -> str:
    texts = (
        f"{label} "
        + ", ".join(f"{digits(one.images_per_second or 0)} at {one.batch_size}" for one in results)
        for label, results in curves.items()
    )
    return f"Images per second by batch size. {'; '.join(texts)}."
