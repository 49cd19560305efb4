"""Reports: tables, plots and a page, rebuilt from what runs left.

``compare`` puts the records of one data set side by side, ``with_pairs`` judges them by their
predictions, ``write_report`` writes them down and ``print_table`` shows them on a screen. Names are
exported lazily: pandas and matplotlib are loaded by ``write_report`` only, scipy by it, by
``with_pairs`` and by ``with_ensembles``.
"""

from typing import TYPE_CHECKING

from harness.lazy import lazily

if TYPE_CHECKING:
    from harness.report.comparison import Comparison, Entry, Row, compare
    from harness.report.ensembles import with_ensembles
    from harness.report.judge import with_pairs
    from harness.report.screen import print_table
    from harness.report.write import write_report

_EXPORTS = {
    "Comparison": "harness.report.comparison",
    "Entry": "harness.report.comparison",
    "Row": "harness.report.comparison",
    "compare": "harness.report.comparison",
    "with_ensembles": "harness.report.ensembles",
    "print_table": "harness.report.screen",
    "with_pairs": "harness.report.judge",
    "write_report": "harness.report.write",
}

__all__ = [
    "Comparison",
    "Entry",
    "Row",
    "compare",
    "print_table",
    "with_ensembles",
    "with_pairs",
    "write_report",
]

__getattr__ = lazily(__name__, _EXPORTS)
