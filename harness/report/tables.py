"""The tables of numbers for programs: fractions 0–1, raw units, a row a run or a class."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd
from pydantic_core import to_json

from harness.report.comparison import Comparison, Row
from harness.report.derived import class_scores
from harness.report.further import further_columns
from harness.report.pairs import Pair
from harness.report.views.columns import fastest
from harness.schema import Metrics

Record = dict[str, object]


def comparison_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each run. ``arguments`` and ``overrides`` are compact JSON objects.

    Columns hold Python values (dtype object), so that a whole number stays one beside a gap.
    """
    batches = sorted({size for row in comparison.rows if row.speed for size in row.speed.inference})
    return pd.DataFrame(
        [_run(row, comparison.dataset.classes, batches) for row in comparison.rows], dtype=object
    )


def class_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each run, split (test, test_clean, valid) and class."""
    columns = [*identity(comparison.rows[0]), *CLASS_COLUMNS]
    records = [record for row in comparison.done for record in _class_records(row)]
    return pd.DataFrame(records, columns=columns, dtype=object)


def pair_frame(comparison: Comparison) -> pd.DataFrame:
    """Return a row for each pair of configurations and metric that was judged."""
    pairs = (*comparison.pairs.all, *comparison.pairs.clean, *comparison.pairs.ensembles)
    records = [{name: _of_pair(pair, name) for name in PAIR_COLUMNS} for pair in pairs]
    return pd.DataFrame(records, columns=PAIR_COLUMNS, dtype=object)


def runs_json(comparison: Comparison) -> bytes:
    """Return all records with their epochs, speeds and robustness as JSON."""
    runs = [
        {
            "label": row.label,
            "record": row.record,
            "epochs": row.epochs,
            "speed": row.speed,
            "robustness": row.robustness,
        }
        for row in comparison.rows
    ]
    return to_json({"schema": 1, "runs": runs}, indent=2) + b"\n"


def _compact(values: object) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def identity(row: Row) -> Record:
    """Return the columns that say which run a row is."""
    record = row.record
    return {
        "model": record.model,
        "arguments": _compact(record.arguments),
        "recipe": record.recipe_name,
        "dataset": record.dataset.name,
        "seed": record.seed,
        "key": record.key,
    }


def _run(row: Row, classes: tuple[str, ...], batches: list[int]) -> Record:
    record = row.record
    return {
        **identity(row),
        "precision": record.precision,
        "tta": record.protocol.tta,
        "status": record.status,
        "reason": record.reason,
        **quality_columns(record.test, classes),
        "accuracy_clean": record.test_clean.accuracy if record.test_clean else None,
        **cost_columns(row),
        "machine": row.machine,
        **_more(row),
        **_inference(row, batches),
        **further_columns(row),
    }


def quality_columns(test: Metrics | None, classes: tuple[str, ...]) -> Record:
    """Return the columns of quality on the test images; what there is not is None."""
    names = ("accuracy", "accuracy_low", "accuracy_high", "uar", "macro_f1")
    recall = {name: test.recall.get(name) for name in classes} if test else {}
    return {
        **{name: getattr(test, name, None) for name in names},
        **{f"recall_{name}": getattr(recall.get(name), "recall", None) for name in classes},
    }


def cost_columns(row: Row) -> Record:
    """Return the columns of cost and speed; what there is not is None."""
    cost, speed = row.record.cost, row.speed
    best = fastest(speed.inference) if speed else None
    latency = speed.latency_ms if speed else {}
    return {
        "parameters": cost.parameters if cost else None,
        "flops": cost.flops if cost else None,
        "train_images_per_second": (
            speed.train_step.images_per_second if speed and speed.train_step else None
        ),
        "inference_images_per_second": best[1].images_per_second if best else None,
        "latency_p50_ms": latency.get("p50"),
        "latency_p90_ms": latency.get("p90"),
        "latency_p99_ms": latency.get("p99"),
        "peak_memory_bytes": cost.peak_memory_bytes if cost else None,
        "train_seconds": cost.train_seconds if cost else None,
    }


def _more(row: Row) -> Record:
    """Return what stands after the columns that every reader may rely on."""
    record, test = row.record, row.record.test
    environment = record.environment
    return {
        "label": row.label,
        "overrides": _compact(record.overrides),
        "epochs": record.recipe.epochs,
        "selected_epoch": record.selected_epoch,
        "train_accuracy": record.train.accuracy if record.train else None,
        "valid_accuracy": record.valid.accuracy if record.valid else None,
        **_ends(test),
        **_clean(record.test_clean),
        "top2": test.top2 if test else None,
        "nll": test.nll if test else None,
        "ece": test.ece if test else None,
        "train_images_per_second_end_to_end": (
            record.cost.train_images_per_second_end_to_end if record.cost else None
        ),
        "device": record.device,
        "threads": record.threads,
        "pretrained": record.protocol.pretrained,
        "synthetic": record.dataset.synthetic,
        "fingerprint": record.dataset.fingerprint,
        "trained_on": row.trained_on,
        "torch": environment.torch if environment else None,
        "harness": environment.harness if environment else None,
        "finished_at": record.finished_at,
    }


def _clean(metrics: Metrics | None) -> Record:
    """Return the quality on the clean test; its accuracy stands among the first columns."""
    return {
        "accuracy_clean_low": metrics.accuracy_low if metrics else None,
        "accuracy_clean_high": metrics.accuracy_high if metrics else None,
        "uar_clean": metrics.uar if metrics else None,
        "macro_f1_clean": metrics.macro_f1 if metrics else None,
        **_ends(metrics, "_clean"),
        "clean_images": metrics.n if metrics else None,
    }


def _ends(metrics: Metrics | None, split: str = "") -> Record:
    """Return the ends of the intervals that a record does not hold, but its figures imply."""
    uar = metrics.uar_interval if metrics else (None, None)
    macro_f1 = metrics.macro_f1_interval if metrics else (None, None)
    return {
        f"uar{split}_low": uar[0],
        f"uar{split}_high": uar[1],
        f"macro_f1{split}_low": macro_f1[0],
        f"macro_f1{split}_high": macro_f1[1],
    }


def _inference(row: Row, batches: list[int]) -> Record:
    rates = row.speed.inference if row.speed else {}
    best = fastest(rates)
    return {
        "inference_batch_size": best[0] if best else None,
        **{
            f"inference_images_per_second_batch_{size}": (
                rates[size].images_per_second if size in rates else None
            )
            for size in batches
        },
    }


CLASS_COLUMNS = ("split", "class", "recall", "low", "high", "n", "precision", "f1")


PAIR_COLUMNS = (
    *("first", "second", "metric", "subject", "first_seeds", "second_seeds", "method", "images"),
    *("value", "low", "high", "p", "p_holm", "simultaneous_low", "simultaneous_high"),
    *("only_first", "only_second", "verdict", "test"),
)


def _of_pair(pair: Pair, name: str) -> object:
    """Return a field of a pair; several seeds are one text, ``0 1 2``."""
    value = getattr(pair, name)
    return " ".join(map(str, value)) if name.endswith("_seeds") else value


def _class_records(row: Row) -> Iterator[Record]:
    record = row.record
    splits = ("test", record.test), ("test_clean", record.test_clean), ("valid", record.valid)
    which = identity(row)
    for split, metrics in splits:
        if metrics is None:
            continue
        scores = class_scores(metrics.confusion)
        for name, score in zip(row.record.dataset.classes, scores, strict=True):
            yield {
                **which,
                "split": split,
                "class": name,
                **metrics.recall[name].model_dump(),
                "precision": score.precision,
                "f1": score.f1,
            }
