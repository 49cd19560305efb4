import io
import json
import os

import pandas as pd
import pytest
from PIL import Image
from rich.console import Console

from harness.measure.relative import with_relative
from harness.report.bench import print_bench, write_bench
from harness.report.bench.tables import BOLD
from harness.schema import BenchRecord


def nothing_timed(record: BenchRecord) -> BenchRecord:
    left = tuple(one for one in record.results if one.status != "done")
    return record.model_copy(update={"results": left, "scenarios": ()})


def test_the_csv_has_a_row_a_case_with_raw_numbers(record, tmp_path) -> None:
    write_bench(record, tmp_path)
    frame = pd.read_csv(tmp_path / "bench.csv")
    assert len(frame) == len(record.results)
    assert frame["images_per_second"].dropna().tolist() == [
        one.images_per_second for one in record.results if one.status == "done"
    ]
    assert frame["latency_p90_ms"].dropna().tolist() == [2.5]
    best = frame[frame["best"]]
    assert list(zip(best["model"], best["backend"], best["batch_size"], strict=True)) == [
        ("fast", "eager", 32),
        ("fast", "compiled", 32),
        ("slow_*", "eager", 32),
    ]
    assert frame.loc[7, "reason"] == "timing: RuntimeError: out of | memory"
    assert frame["half_width"].dropna().iloc[0] == pytest.approx(0.02)
    assert set(frame["narrow"].dropna()) == {False}


def test_what_stands_beside_the_fastest_is_in_all_that_is_written(record, tmp_path) -> None:
    judged = record.model_copy(update={"results": tuple(with_relative(record.results))})
    write_bench(judged, tmp_path)
    frame = pd.read_csv(tmp_path / "bench.csv")
    for name in ("relative", "relative_low", "relative_high"):
        assert frame[name].dropna().tolist() == pytest.approx([1, 0.8, 1, 0.03, 0.014])
    assert "## Beside the fastest" in (tmp_path / "bench.md").read_text()
    file = io.StringIO()
    print_bench(judged, Console(file=file, width=120))
    assert "80.0 (80.0–80.0)" in file.getvalue()
    assert file.getvalue().count(BOLD) == 1


def test_narrow_is_only_what_so_many_rounds_support(record, tmp_path) -> None:
    wide = record.model_copy(update={"width": 0.5})
    short = [one.model_copy(update={"rates": one.rates[:9]}) for one in wide.results]
    few = wide.model_copy(update={"results": tuple(short)})
    for made, expected in ((wide, {True}), (few, {False})):
        write_bench(made, tmp_path)
        assert set(pd.read_csv(tmp_path / "bench.csv")["narrow"].dropna()) == expected


def test_the_json_is_the_whole_record(record, tmp_path) -> None:
    write_bench(record, tmp_path)
    text = (tmp_path / "bench.json").read_text()
    assert BenchRecord.model_validate_json(text) == record
    assert len(json.loads(text)["results"][0]["rates"]) == 11


def test_the_markdown_says_what_where_and_what_disturbed_it(record, tmp_path) -> None:
    write_bench(record, tmp_path)
    text = (tmp_path / "bench.md").read_text()
    for words in (
        "A processor, 2 cores",
        "onnxruntime 1.2.3",
        "1×48×48, 7 classes; timed for 42 s",
        "> **the machine was not idle",
        "| fast",
        "single stream (ms, p90) ↓",
        "](throughput.png)",
        "- no (2 cases): unsupported: needs 64 pixels",
        "out of \\| memory",
        "    harness bench --all",
    ):
        assert words in text, words


def test_the_plot_is_a_picture_that_says_its_numbers(record, tmp_path) -> None:
    write_bench(record, tmp_path)
    with Image.open(tmp_path / "throughput.png") as image:
        assert image.format == "PNG"
        assert len(image.convert("RGB").getcolors(maxcolors=100_000)) > 3
    alt = (tmp_path / "bench.md").read_text()
    assert "fast float32 eager 400 at 1, 2000 at 32, 1900 at 128" in alt


def test_one_configuration_needs_no_legend(record, tmp_path) -> None:
    only = tuple(one for one in record.results if one.model == "slow_*")
    write_bench(record.model_copy(update={"results": only}), tmp_path / "one")
    write_bench(record, tmp_path / "all")
    heights = {}
    for name in ("one", "all"):
        with Image.open(tmp_path / name / "throughput.png") as image:
            heights[name] = image.height
    assert heights["one"] < heights["all"]


def test_what_an_earlier_bench_left_beyond_this_one_is_removed(record, tmp_path) -> None:
    write_bench(record, tmp_path)
    write_bench(nothing_timed(record), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bench.csv",
        "bench.json",
        "bench.md",
    ]
    assert "throughput.png" not in (tmp_path / "bench.md").read_text()


def test_no_file_is_there_by_half(record, tmp_path, monkeypatch) -> None:
    def fail(*_):
        raise OSError("disk full")

    write_bench(nothing_timed(record), tmp_path)
    before = (tmp_path / "bench.json").read_text()
    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_bench(record, tmp_path)
    assert (tmp_path / "bench.json").read_text() == before
    assert not list(tmp_path.glob(".*"))


def test_the_screen_shows_tables_notes_and_reasons(record) -> None:
    file = io.StringIO()
    print_bench(record, Console(file=file, width=120))
    text = file.getvalue()
    for words in ("2000 ±2.0 %", "single", "note: the machine was not idle", "no (2 cases)"):
        assert words in text, words


def test_the_screen_says_why_where_nothing_was_timed(record) -> None:
    file = io.StringIO()
    print_bench(nothing_timed(record), Console(file=file, width=120))
    assert "unsupported: needs 64 pixels" in file.getvalue()
    assert "Images per second" not in file.getvalue()
