"""The tables for programs that a report has only where there is something to say."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd

from harness.report.comparison import Comparison, Row
from harness.report.disagreements import Disagreements, disagreement_frame
from harness.report.evidence import Reader
from harness.report.mistakes import mistake_frame
from harness.report.robustness_table import robustness_frame
from harness.report.tables import Record, cost_columns, identity, quality_columns
from harness.report.time_to_accuracy_table import time_to_accuracy_frame
from harness.schema import ReliabilityBin

NAMES = (
    "agreement.csv",
    "calibration.csv",
    "ensembles.csv",
    "mistakes.csv",
    "disagreements.csv",
    "robustness.csv",
    "time_to_accuracy.csv",
)
CALIBRATION_COLUMNS = ("scaled", "temperature", *ReliabilityBin.model_fields)


def extra_frames(
    comparison: Comparison, evidence: Reader, apart: Disagreements | None
) -> dict[str, pd.DataFrame]:
    """Return the tables that have a row, by the names of their files: some of `NAMES`."""
    frames = (
        agreement_frame(comparison),
        calibration_frame(comparison),
        ensemble_frame(comparison),
        mistake_frame(comparison, evidence),
        disagreement_frame(apart),
        robustness_frame(comparison),
        time_to_accuracy_frame(comparison),
    )
    return {name: frame for name, frame in zip(NAMES, frames, strict=True) if len(frame)}


def ensemble_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each ensemble, with the labels of its ``parts`` as a JSON list."""
    classes = comparison.dataset.classes
    records = [
        {
            "ensemble": row.label,
            "parts": json.dumps(row.parts, ensure_ascii=False),
            **quality_columns(row.record.test, classes),
            "accuracy_clean": row.record.test_clean.accuracy if row.record.test_clean else None,
            "valid_accuracy": row.record.valid.accuracy if row.record.valid else None,
            **cost_columns(row),
        }
        for row in comparison.ensembles
    ]
    return pd.DataFrame(records, dtype=object)


def agreement_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each run and bin of annotators' agreement, as far as records have it.

    A bin holds the test images whose agreement lies above ``low`` up to ``high``; without any, its
    accuracy is empty.
    """
    records = [
        {**identity(row), **part.model_dump()}
        for row in comparison.done
        for part in row.record.agreement
    ]
    return pd.DataFrame(records, dtype=object)


def calibration_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each run, state (as trained, scaled) and bin of confidence."""
    columns = [*identity(comparison.rows[0]), *CALIBRATION_COLUMNS]
    records = [record for row in comparison.done for record in _bin_records(row)]
    return pd.DataFrame(records, columns=columns, dtype=object)


def _bin_records(row: Row) -> Iterator[Record]:
    found = row.record.calibration
    if found is None:
        return
    which = identity(row)
    states = ((False, 1.0, found.test), (True, found.temperature, found.test_scaled))
    for scaled, temperature, calibrated in states:
        for one in calibrated.bins:
            yield {
                **which,
                "scaled": scaled,
                "temperature": temperature,
                **one.model_dump(),
            }
