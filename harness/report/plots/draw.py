"""All plots of a comparison, in the order of the report."""

from __future__ import annotations

from harness.report.comparison import Comparison
from harness.report.plots.confusion import confusion_plots
from harness.report.plots.curves import all_curves
from harness.report.plots.gap import gap_plot
from harness.report.plots.model_curves import model_curves
from harness.report.plots.names import file_names
from harness.report.plots.plot import Plot
from harness.report.plots.recall import recall_plot
from harness.report.plots.reliability import reliability_plot
from harness.report.plots.robustness import robustness_plot
from harness.report.plots.style import style
from harness.report.plots.time_to_accuracy import time_to_accuracy_plot
from harness.report.plots.tradeoff import tradeoff_plots


def draw(comparison: Comparison) -> tuple[Plot, ...]:
    """Draw what there is: nothing without a result, no curves without epochs."""
    groups, classes = comparison.groups, comparison.dataset.classes
    if not groups:
        return ()
    slugs = file_names(group.label for group in groups)
    with style():
        plots: list[Plot | None] = [*tradeoff_plots(comparison), recall_plot(groups, classes)]
        plots += [gap_plot(groups), reliability_plot(groups)]
        plots += [robustness_plot(comparison), time_to_accuracy_plot(groups)]
        plots += confusion_plots(groups, classes, [f"confusion-{slug}" for slug in slugs])
        if len(groups) > 1:
            plots.append(all_curves(groups))
        plots += model_curves(groups, [f"curves-{slug}" for slug in slugs])
    return tuple(plot for plot in plots if plot)
