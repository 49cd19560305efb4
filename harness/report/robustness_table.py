"""The table of robustness for programs: a row a run, corruption and strength."""

from __future__ import annotations

import pandas as pd

from harness.report.comparison import Comparison
from harness.report.tables import identity


def robustness_frame(comparison: Comparison) -> pd.DataFrame:
    """Return accuracy by corruption and strength; empty where no run was evaluated.

    Uncorrupted images are rows with the corruption ``none`` and the strength 0.
    """
    records = []
    for row in comparison.done:
        found = row.robustness
        if found is None:
            continue
        start = {**identity(row), "version": found.version}
        plain = {
            "corruption": "none",
            "strength": 0,
            "parameter": None,
            "unit": None,
            "value": None,
            "accuracy": found.uncorrupted_accuracy,
            "correct": found.uncorrupted_correct,
            "n": found.n,
        }
        records.append({**start, **plain})
        records += [
            {
                **start,
                "corruption": one.name,
                "strength": at.strength,
                "parameter": one.parameter,
                "unit": one.unit,
                "value": at.value,
                "accuracy": at.accuracy,
                "correct": at.correct,
                "n": found.n,
            }
            for one in found.corruptions
            for at in one.strengths
        ]
    return pd.DataFrame(records, dtype=object)
