"""Columns of comparison.csv on views, calibration and the generalisation gap."""

from __future__ import annotations

from harness.report.comparison import Row
from harness.report.gap import gap
from harness.report.views.columns import fastest


def further_columns(row: Row) -> dict[str, object]:
    """Return the same names for each row; what a record lacks is None."""
    return {**_gap(row), **_calibration(row), **_views(row)}


def _gap(row: Row) -> dict[str, object]:
    found, clean = gap(row.record), gap(row.record, "test_clean")
    return {
        **{
            f"gap{suffix}": getattr(found, name, None)
            for suffix, name in (("", "value"), ("_low", "low"), ("_high", "high"))
        },
        "gap_clean": clean.value if clean else None,
    }


def _calibration(row: Row) -> dict[str, object]:
    test, found = row.record.test, row.record.calibration
    return {
        "brier": test.brier if test else None,
        "temperature": found.temperature if found else None,
        **{
            f"{name}_scaled": getattr(found.test_scaled, name) if found else None
            for name in ("nll", "brier", "ece")
        },
    }


def _views(row: Row) -> dict[str, object]:
    record, speed = row.record, row.speed
    best = fastest(speed.inference_tta) if speed else None
    names = ("uar", "macro_f1", "nll", "ece")
    return {
        **{
            f"accuracy_tta{bound}": getattr(record.test_tta, f"accuracy{bound}", None)
            for bound in ("", "_low", "_high")
        },
        **{f"{name}_tta": getattr(record.test_tta, name, None) for name in names},
        "accuracy_clean_tta": getattr(record.test_clean_tta, "accuracy", None),
        "valid_accuracy_tta": getattr(record.valid_tta, "accuracy", None),
        "inference_images_per_second_tta": best[1].images_per_second if best else None,
        "weights_of": record.weights_of,
    }
