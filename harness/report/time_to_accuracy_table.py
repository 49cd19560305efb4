"""The table for programs of the time to accuracy: a row for each run and level."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from harness.report.comparison import Comparison
from harness.report.tables import Record, identity
from harness.report.time_to_accuracy import levels_of, reached

COLUMNS = ("level", "reached", "seconds", "epoch", "trained_on")


def time_to_accuracy_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each finished run that has epochs and each level of validation accuracy.

    ``seconds`` and ``epoch`` are None where the level was never reached.
    """
    columns = [*identity(comparison.rows[0]), *COLUMNS]
    return pd.DataFrame(list(_records(comparison)), columns=columns, dtype=object)


def _records(comparison: Comparison) -> Iterator[Record]:
    levels = levels_of(comparison)
    for row in comparison.done:
        if not row.epochs:
            continue
        which = identity(row)
        for level in levels:
            found = reached(row.epochs, level)
            yield {
                **which,
                "level": level,
                "reached": found is not None,
                "seconds": found.seconds if found else None,
                "epoch": found.epoch if found else None,
                "trained_on": row.trained_on,
            }
