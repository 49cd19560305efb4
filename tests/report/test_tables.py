import io
import json

import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from harness.report import compare, with_pairs
from harness.report.extras import calibration_frame
from harness.report.tables import class_frame, comparison_frame, pair_frame, runs_json
from harness.schema import Epoch, Protocol, RunRecord, SpeedRecord

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
    assert line["train_images_per_second_end_to_end"] == cost.train_images_per_second_end_to_end


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


def test_json_reads_back_as_the_values_that_pydantic_gives(make_entry):
    comparison = compare([make_entry(arguments={"width": 1e-05, "name": "größer"})])
    one, text = comparison.rows[0], runs_json(comparison).decode()
    assert json.loads(text)["runs"] == [
        {
            "label": one.label,
            "record": one.record.model_dump(mode="json"),
            "epochs": [epoch.model_dump(mode="json") for epoch in one.epochs],
            "speed": one.speed.model_dump(mode="json"),
            "robustness": None,
        }
    ]
    assert "größer" in text
    assert text.startswith('{\n  "schema": 1,\n  "runs": [\n    {\n')
    assert text.endswith("\n}\n")


def test_the_gap_is_training_less_test(eight, make_entry, make_metrics):
    frame = read(comparison_frame(eight)).set_index("key")
    for row in eight.done:
        line, record = frame.loc[row.record.key], row.record
        assert line["gap"] == pytest.approx(line["train_accuracy"] - line["accuracy"])
        assert line["gap_low"] == pytest.approx(record.train.accuracy - record.test.accuracy_high)
        assert line["gap_high"] == pytest.approx(record.train.accuracy - record.test.accuracy_low)
        assert pd.isna(line["gap_clean"])
    entry = make_entry("a", test_clean=make_metrics(0.5, n=500))
    line = read(comparison_frame(compare([entry]))).loc[0]
    assert line["gap_clean"] == pytest.approx(line["train_accuracy"] - line["accuracy_clean"])


def test_figures_over_views_stand_beside_the_plain_ones(make_entry, make_metrics, make_speed):
    views, clean, valid = make_metrics(2.0), make_metrics(1.9), make_metrics(2.2)
    record, epochs, speed = make_entry(
        "a",
        protocol=Protocol(tta="flip"),
        test_tta=views,
        test_clean_tta=clean,
        valid_tta=valid,
        weights_of="b" * 64,
    )
    rates = {1: speed.inference[1], 64: speed.inference[256]}
    speed = speed.model_copy(update={"tta": "flip", "inference_tta": rates})
    frame = comparison_frame(compare([(record, epochs, speed), make_entry("b")]))
    line, plain = (frame.set_index("model").loc[name] for name in "ab")
    assert line["tta"] == "flip"
    for bound in ("", "_low", "_high"):
        assert line[f"accuracy_tta{bound}"] == getattr(views, f"accuracy{bound}")
    for name in ("accuracy", "uar", "macro_f1", "nll", "ece"):
        assert line[f"{name}_tta"] == getattr(views, name)
        assert line[name] == getattr(record.test, name)
        assert plain[f"{name}_tta"] is None
    assert line["accuracy_clean_tta"] == clean.accuracy
    assert line["valid_accuracy_tta"] == valid.accuracy
    assert line["inference_images_per_second_tta"] == rates[64].images_per_second
    assert plain["inference_images_per_second_tta"] is None
    assert line["weights_of"] == "b" * 64


def test_calibration_has_a_row_for_each_run_state_and_bin(eight):
    frame = read(calibration_frame(eight))
    assert len(frame) == len(eight.done) * 2 * 15
    row = eight.done[2]
    found = row.record.calibration
    part = frame[frame["key"] == row.record.key]
    for scaled, temperature, state in (
        (False, 1.0, found.test),
        (True, found.temperature, found.test_scaled),
    ):
        lines = part[part["scaled"] == scaled]
        assert set(lines["temperature"]) == {temperature}
        assert list(lines["n"]) == [one.n for one in state.bins]
        gaps = lines["n"] * (lines["accuracy"] - lines["confidence"]).abs()
        assert gaps.sum() / lines["n"].sum() == pytest.approx(state.ece)
    line = read(comparison_frame(eight)).set_index("key").loc[row.record.key]
    assert line["temperature"] == found.temperature
    assert line["nll_scaled"] == pytest.approx(found.test_scaled.nll)
    assert line["brier"] == pytest.approx(row.record.test.brier)


def test_without_figures_calibration_has_its_columns_and_no_row(make_entry):
    frame = read(calibration_frame(compare([make_entry("a", calibration=None)])))
    assert frame.empty
    assert {"model", "scaled", "low", "high", "n", "confidence", "accuracy"} <= set(frame.columns)
    line = read(comparison_frame(compare([make_entry("a", calibration=None)]))).loc[0]
    assert pd.isna(line["temperature"])
    assert pd.isna(line["ece_scaled"])


def test_pairs_are_raw_and_in_the_documented_order(make_entry, evidence):
    entries = [
        make_entry(m, skill, seed=s) for m, skill in (("a", 2.0), ("b", 1.0)) for s in range(3)
    ]
    comparison = with_pairs(compare([*entries, make_entry("c", 0.5, seed=7)]), evidence)
    frame = pair_frame(comparison)
    assert list(frame.columns) == [
        *(
            "first",
            "second",
            "metric",
            "subject",
            "first_seeds",
            "second_seeds",
            "method",
            "images",
        ),
        *("value", "low", "high", "p", "p_holm", "simultaneous_low", "simultaneous_high"),
        *("only_first", "only_second", "verdict", "test"),
    ]
    assert len(frame) == 3 + 2
    models, files = frame.iloc[0], frame.iloc[-1]
    assert (models.first_seeds, models.subject) == ("0 1 2", "models")
    assert models.value == comparison.pairs.all[0].value
    assert models.only_first is None
    assert (files.first_seeds, files.second_seeds, files.subject) == ("0", "7", "weight files")
    assert isinstance(files.only_first, int)
    assert set(frame.verdict) <= {"better", "worse", "inconclusive"}


def test_without_pairs_there_are_only_heads(eight):
    assert pair_frame(eight).to_csv(index=False).startswith("first,second,metric,")
    assert len(pair_frame(eight)) == 0


def test_quality_on_the_clean_test_is_written_beside_that_on_all_of_it(make_entry, make_metrics):
    clean = make_metrics(1.0, n=500)
    without, having = make_entry("a", 1.5), make_entry("b", 1.4, test_clean=clean)
    frame = comparison_frame(compare([without, having])).set_index("model")
    columns = {
        "accuracy_clean_low": clean.accuracy_low,
        "accuracy_clean_high": clean.accuracy_high,
        "uar_clean": clean.uar,
        **dict(zip(("uar_clean_low", "uar_clean_high"), clean.uar_interval, strict=True)),
        "macro_f1_clean": clean.macro_f1,
        "macro_f1_clean_low": clean.macro_f1_interval[0],
        "macro_f1_clean_high": clean.macro_f1_interval[1],
        "clean_images": 500,
    }
    assert frame.loc["b", list(columns)].to_dict() == columns
    assert frame.loc["a", list(columns)].isna().all()


def test_the_ends_of_uar_and_macro_f1_are_written_beside_them(make_entry):
    entry = make_entry("a", 1.5)
    frame = comparison_frame(compare([entry]))
    [line] = frame.to_dict("records")
    for name in ("uar", "macro_f1"):
        ends = getattr(entry[0].test, f"{name}_interval")
        assert (line[f"{name}_low"], line[f"{name}_high"]) == ends
        assert ends[0] < line[name] < ends[1]


def test_classes_have_a_row_for_the_clean_test_too(make_entry, make_metrics):
    clean = make_metrics(1.0, n=500)
    frame = read(class_frame(compare([make_entry("b", test_clean=clean)])))
    part = frame[frame["split"] == "test_clean"]
    assert list(frame["split"].unique()) == ["test", "test_clean", "valid"]
    assert list(part["recall"]) == pytest.approx([r.recall for r in clean.recall.values()])
    assert part["n"].sum() == 500
