"""The tables that people see, each built once and shown as Markdown, as HTML and on a screen."""

from harness.report.views.classes import class_view, clean_class_view
from harness.report.views.results import build, main_view
from harness.report.views.speed import speed_view
from harness.report.views.table import Cell, Head, Line, View
from harness.report.views.unfinished import unfinished_view

__all__ = [
    "Cell",
    "Head",
    "Line",
    "View",
    "build",
    "class_view",
    "clean_class_view",
    "main_view",
    "speed_view",
    "unfinished_view",
]
