"""The tables that people see, the same in Markdown, in HTML and on a screen."""

from harness.report.views.agreement import agreement_view
from harness.report.views.calibration import calibration_view
from harness.report.views.classes import class_view, clean_class_view
from harness.report.views.gap import gap_view
from harness.report.views.results import build, main_view
from harness.report.views.robustness import robustness_view, strength_view
from harness.report.views.speed import speed_view
from harness.report.views.table import Cell, Head, Line, View
from harness.report.views.time_to_accuracy import time_to_accuracy_view
from harness.report.views.unfinished import unfinished_view
from harness.report.views.verdicts import ensemble_view, mark_alike, verdict_view

__all__ = [
    "Cell",
    "Head",
    "Line",
    "View",
    "agreement_view",
    "build",
    "calibration_view",
    "class_view",
    "clean_class_view",
    "ensemble_view",
    "gap_view",
    "main_view",
    "mark_alike",
    "robustness_view",
    "speed_view",
    "strength_view",
    "time_to_accuracy_view",
    "unfinished_view",
    "verdict_view",
]
