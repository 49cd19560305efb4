"""Robustness in the files of a report."""

import io
import json

import pandas as pd

from harness.report import Entry, compare, write_report
from harness.report.corrupted import panels
from harness.report.robustness_table import robustness_frame
from harness.report.run_page import run_paths
from harness.schema import Epoch, RobustnessRecord, RunRecord, SpeedRecord


def test_the_table_has_a_row_for_each_run_corruption_and_strength(corrupted):
    frame = pd.read_csv(io.StringIO(robustness_frame(corrupted).to_csv(index=False)))
    assert len(frame) == 4 * (1 + 2 * 5)
    row = next(row for row in corrupted.done if row.label == "convnet")
    part = frame[frame["key"] == row.record.key]
    clean = part[part["strength"] == 0].iloc[0]
    assert (clean["corruption"], clean["accuracy"]) == ("none", row.robustness.uncorrupted_accuracy)
    for one in row.robustness.corruptions:
        lines = part[part["corruption"] == one.name]
        assert list(lines["strength"]) == [1, 2, 3, 4, 5]
        assert list(lines["value"]) == [at.value for at in one.strengths]
        assert list(lines["accuracy"]) == [at.accuracy for at in one.strengths]
        assert list(lines["correct"] / lines["n"]) == list(lines["accuracy"])
        assert set(lines["unit"]) == {one.unit}


def test_without_any_record_there_is_no_table(eight):
    assert robustness_frame(eight).empty
    assert panels(eight) == ()


def test_a_report_is_rebuilt_from_its_json(corrupted, tmp_path):
    write_report(corrupted, tmp_path / "one", generated_at="now")
    runs = json.loads((tmp_path / "one" / "runs.json").read_text())["runs"]
    entries = [
        Entry(
            RunRecord.model_validate(run["record"]),
            [Epoch.model_validate(epoch) for epoch in run["epochs"]],
            run["speed"] and SpeedRecord.model_validate(run["speed"]),
            run["robustness"] and RobustnessRecord.model_validate(run["robustness"]),
        )
        for run in runs
    ]
    write_report(compare(entries), tmp_path / "two", generated_at="now")
    for name in ("robustness.csv", "index.html", "plots/robustness.png"):
        one, two = ((tmp_path / part / name).read_bytes() for part in ("one", "two"))
        assert one == two


def test_a_report_has_its_table_plot_and_pages(corrupted, tmp_path):
    write_report(corrupted, tmp_path, generated_at="now")
    assert (tmp_path / "robustness.csv").is_file()
    assert (tmp_path / "plots" / "robustness.png").is_file()
    paths = run_paths(corrupted)
    assert "Robustness by strength" in (tmp_path / paths["convnet"]).read_text()
    assert "Robustness by strength" not in (tmp_path / paths["plain"]).read_text()
    assert "Robustness by strength" not in (tmp_path / paths["bad"]).read_text()


def test_an_earlier_reports_table_does_not_outlive_it(corrupted, eight, tmp_path):
    write_report(corrupted, tmp_path, generated_at="now")
    write_report(eight, tmp_path, generated_at="later")
    assert not (tmp_path / "robustness.csv").exists()
    assert not (tmp_path / "plots" / "robustness.png").exists()
    assert 'id="robustness"' not in (tmp_path / "index.html").read_text()
