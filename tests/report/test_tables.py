import io
import json

import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from harness.report import compare
from harness.report.tables import class_frame, comparison_frame, runs_json
from harness.schema import Epoch, RunRecord, SpeedRecord

FIRST = [
    "model",
    "arguments",
    "recipe",
    "dataset",
    "seed",
    "key",
    "precision",
    "tta",
    "status",
    "reason",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "uar",
    "macro_f1",
    "recall_angry",
    "recall_disgust",
    "recall_fear",
    "recall_happy",
    "recall_sad",
    "recall_surprise",
    "recall_neutral",
    "accuracy_clean",
    "parameters",
    "flops",
    "train_images_per_second",
    "inference_images_per_second",
    "latency_p50_ms",
    "latency_p90_ms",
    "latency_p99_ms",
    "peak_memory_bytes",
    "train_seconds",
    "machine",
]


def read(frame):
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)))


def test_the_columns_that_readers_rely_on_come_first_and_in_order(eight):
    assert list(comparison_frame(eight).columns[: len(FIRST)]) == FIRST


def test_there_is_a_row_for_each_run_in_the_order_of_the_comparison(eight):
    frame = read(comparison_frame(eight))
    assert list(frame["label"]) == [row.label for row in eight.rows]
    assert list(frame["key"]) == [row.record.key for row in eight.rows]


def test_quality_can_be_recomputed_from_the_confusion_matrix(eight):
    frame = read(comparison_frame(eight)).set_index("key")
    for row in eight.done:
        confusion = row.record.test.confusion
        labels = [i for i, line in enumerate(confusion) for _ in range(sum(line))]
        predicted = [j for line in confusion for j, n in enumerate(line) for _ in range(n)]
        uar = balanced_accuracy_score(labels, predicted)
        line = frame.loc[row.record.key]
        assert line["uar"] == pytest.approx(uar)
        assert line["recall_disgust"] == pytest.approx(confusion[1][1] / sum(confusion[1]))
        assert line["accuracy_low"] < line["accuracy"] < line["accuracy_high"]


def test_numbers_are_raw_and_whole_numbers_stay_whole_beside_gaps(eight):
    text = comparison_frame(eight).to_csv(index=False)
    line = next(line for line in text.splitlines() if line.startswith("convnet"))
    assert ",691200," in line
    assert ",360000000," in line
    assert "691200.0" not in text


def test_speed_comes_from_the_speed_record(eight):
    frame = read(comparison_frame(eight)).set_index("label")
    row = next(row for row in eight.rows if row.label == "convnet")
    line = frame.loc["convnet"]
    assert line["train_images_per_second"] == row.speed.train_step.images_per_second
    assert line["inference_images_per_second"] == row.speed.inference[64].images_per_second
    assert line["inference_batch_size"] == 64
    assert line["inference_images_per_second_batch_1"] == 841.0
    assert line["latency_p90_ms"] == row.speed.latency_ms["p90"]
    assert pd.isna(line["latency_p99_ms"])
    cost = row.record.cost
    assert line["train_images_per_second_end_to_end"] == cost.train_images_per_second


def test_a_run_without_a_result_has_its_reason_and_gaps(eight):
    line = read(comparison_frame(eight)).set_index("model").loc["tiny-vit"]
    assert line["status"] == "failed"
    assert line["reason"] == "the loss is NaN in <b>epoch 3</b> | a_b"
    assert line[["accuracy", "recall_sad", "parameters", "latency_p50_ms", "machine"]].isna().all()


def test_arguments_and_overrides_are_json(make_entry):
    arguments = {"name": 'a;"b",c=1', "width": 16, "bias": False}
    entry = make_entry("vgg", arguments=arguments, overrides={"epochs": 3}, speed=False)
    line = read(comparison_frame(compare([entry]))).loc[0]
    assert json.loads(line["arguments"]) == arguments
    assert json.loads(line["overrides"]) == {"epochs": 3}
    assert pd.isna(line["inference_batch_size"])


def test_the_clean_accuracy_is_written_where_the_record_has_it(make_entry, make_metrics):
    clean = make_metrics(1.0)
    without, having = make_entry("a", 1.5), make_entry("b", 1.4, test_clean=clean)
    frame = comparison_frame(compare([without, having])).set_index("model")
    assert frame.loc["a", "accuracy_clean"] is None
    assert frame.loc["b", "accuracy_clean"] == clean.accuracy


def test_a_reason_with_line_breaks_and_commas_survives(make_entry):
    reason = 'first, "second"\nthird'
    frame = read(comparison_frame(compare([make_entry(status="failed", reason=reason)])))
    assert frame.loc[0, "reason"] == reason


def test_classes_have_a_row_for_each_run_and_split(eight):
    frame = read(class_frame(eight))
    assert len(frame) == len(eight.done) * 2 * 7
    row = eight.done[0]
    part = frame[(frame["key"] == row.record.key) & (frame["split"] == "valid")]
    assert list(part["class"]) == list(row.record.dataset.classes)
    assert list(part["n"]) == [sum(line) for line in row.record.valid.confusion]
    f1 = part["f1"].mean()
    assert f1 == pytest.approx(row.record.valid.macro_f1)
    expected = [one.low for one in row.record.valid.recall.values()]
    assert list(part["low"]) == pytest.approx(expected)


def test_a_class_without_images_has_gaps(make_record, make_metrics):
    record = make_record("vgg", test=make_metrics(absent=("disgust",)), valid=None)
    frame = class_frame(compare([(record, [], None)])).set_index("class")
    assert frame.loc["disgust", "recall"] is None
    assert frame.loc["disgust", "n"] == 0
    assert set(frame["split"]) == {"test"}


def test_without_a_result_the_classes_have_their_columns_and_no_row(make_entry):
    frame = read(class_frame(compare([make_entry(status="failed")])))
    assert frame.empty
    assert {"model", "split", "class", "recall", "f1"} <= set(frame.columns)


def test_json_holds_everything_that_was_compared(eight):
    document = json.loads(runs_json(eight))
    assert document["schema"] == 1
    for row, run in zip(eight.rows, document["runs"], strict=True):
        assert RunRecord.model_validate(run["record"]) == row.record
        assert tuple(Epoch.model_validate(one) for one in run["epochs"]) == row.epochs
        speed = run["speed"] and SpeedRecord.model_validate(run["speed"])
        assert speed == row.speed


def test_quality_on_the_clean_test_is_written_beside_that_on_all_of_it(make_entry, make_metrics):
    clean = make_metrics(1.0, n=500)
    without, having = make_entry("a", 1.5), make_entry("b", 1.4, test_clean=clean)
    frame = comparison_frame(compare([without, having])).set_index("model")
    columns = {
        "accuracy_clean_low": clean.accuracy_low,
        "accuracy_clean_high": clean.accuracy_high,
        "uar_clean": clean.uar,
        "macro_f1_clean": clean.macro_f1,
        "clean_images": 500,
    }
    assert frame.loc["b", list(columns)].to_dict() == columns
    assert frame.loc["a", list(columns)].isna().all()


def test_classes_have_a_row_for_the_clean_test_too(make_entry, make_metrics):
    clean = make_metrics(1.0, n=500)
    frame = read(class_frame(compare([make_entry("b", test_clean=clean)])))
    part = frame[frame["split"] == "test_clean"]
    assert list(frame["split"].unique()) == ["test", "test_clean", "valid"]
    assert list(part["recall"]) == pytest.approx([r.recall for r in clean.recall.values()])
    assert part["n"].sum() == 500
