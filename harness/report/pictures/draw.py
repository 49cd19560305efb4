"""All pictures of a comparison, and those of one run."""

from __future__ import annotations

from harness.report.comparison import Comparison, Group, Row
from harness.report.pictures.confusion import confusion_picture
from harness.report.pictures.curves import curves_picture
from harness.report.pictures.gap import gap_picture
from harness.report.pictures.picture import Picture
from harness.report.pictures.recall import recall_picture
from harness.report.pictures.reliability import reliability_picture
from harness.report.pictures.robustness import robustness_picture
from harness.report.pictures.time_to_accuracy import time_to_accuracy_picture
from harness.report.pictures.tradeoff import tradeoff_pictures
from harness.report.plots.names import file_names

MATRICES = 6  # So many confusion matrices on the first page; every run's own page has its one.


def draw_all(comparison: Comparison) -> tuple[Picture, ...]:
    """Draw what there is: nothing without a result, no curves without epochs."""
    groups, classes = list(enumerate(comparison.groups)), comparison.dataset.classes
    if not groups:
        return ()
    shown = comparison.groups[:MATRICES]
    names = file_names(group.label for group in shown)
    matrices = [
        confusion_picture(group, classes, name) for group, name in zip(shown, names, strict=True)
    ]
    diagrams = [
        reliability_picture(index, group, name)
        for index, (group, name) in enumerate(zip(shown, names, strict=True))
    ]
    pictures = [
        *tradeoff_pictures(comparison),
        recall_picture(groups, classes),
        gap_picture(groups),
        robustness_picture(groups),
        time_to_accuracy_picture(groups),
        curves_picture(groups),
        *matrices,
        *diagrams,
    ]
    return tuple(picture for picture in pictures if picture)


def draw_run(comparison: Comparison, row: Row) -> tuple[Picture, ...]:
    """Draw one run in the colour that it has in the comparison."""
    if not row.done:
        return ()
    alone, classes = Group(row.label, (row,)), comparison.dataset.classes
    index = comparison.groups.index(comparison.group_of(row))
    pictures = [
        curves_picture([(index, alone)]),
        confusion_picture(alone, classes, "run"),
        reliability_picture(index, alone, "run"),
        recall_picture([(index, alone)], classes),
        robustness_picture([(index, alone)]),
    ]
    return tuple(picture for picture in pictures if picture)
