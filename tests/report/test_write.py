import io
from pathlib import Path

import pandas as pd
import pytest

from harness.report import compare, with_pairs, write_report
from harness.report.extras import calibration_frame
from harness.report.plots.plot import Plot
from harness.report.tables import class_frame, comparison_frame, pair_frame
from harness.schema import Recipe

CSV = {"calibration.csv", "comparison.csv", "pairs.csv", "per_class.csv", "time_to_accuracy.csv"}
FILES = CSV | {"runs.json", "report.md", "index.html"}


@pytest.fixture(scope="module")
def pair(make_entry):
    return compare(
        [make_entry("a", 1.5, recipe=Recipe(epochs=2)), make_entry("b", status="failed")]
    )


@pytest.fixture
def undrawn(monkeypatch):
    """Reports have one plot that costs no drawing."""
    plot = Plot("recall", "In words.", b"PNG")
    monkeypatch.setattr("harness.report.plots.draw.draw", lambda comparison: (plot,))


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_files_are_written_and_nothing_else(pair, tmp_path):
    index = write_report(pair, tmp_path / "new" / "report", generated_at="now")
    assert index == tmp_path / "new" / "report" / "index.html"
    names = set(content(index.parent))
    plots = {"accuracy-speed", "confusion-a", "curves-a", "recall"}
    plots |= {"generalisation-gap", "reliability", "time-to-accuracy"}
    pages = {f"{row.record.seed}-{row.record.key[:12]}-{row.label}" for row in pair.rows}
    expected = FILES | {f"plots/{name}.png" for name in plots}
    assert names == expected | {f"runs/{name}.html" for name in pages}


def test_csv_reads_back_as_what_was_compared(eight, written):
    for name, frame in (
        ("comparison.csv", comparison_frame(eight)),
        ("per_class.csv", class_frame(eight)),
        ("calibration.csv", calibration_frame(eight)),
    ):
        again = pd.read_csv(written / name)
        expected = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
        pd.testing.assert_frame_equal(again, expected)
        assert b"\r" not in (written / name).read_bytes()


def test_the_same_records_give_the_same_bytes_apart_from_the_time(pair, tmp_path):
    for name, time in (("one", "11:11"), ("two", "22:22")):
        write_report(pair, tmp_path / name, generated_at=time)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one.keys() == two.keys()
    for name in one:
        assert one[name].replace(b"11:11", b"22:22") == two[name], name


@pytest.mark.usefixtures("undrawn")
def test_plots_and_pages_of_an_earlier_report_are_removed_and_other_files_stay(pair, tmp_path):
    plots = tmp_path / "plots"
    write_report(pair, tmp_path, generated_at="now")
    for old in ("confusion-old", "accuracy-speed-old", "curves-old", "reliability"):
        (plots / f"{old}.png").write_bytes(b"old")
    (plots / "notes.txt").write_text("mine")
    (plots / "loss.png").write_bytes(b"mine")
    (tmp_path / "gate.csv").write_text("another command's")
    written = {path.name for path in plots.iterdir()}
    runs = tmp_path / "runs"
    old = next(runs.iterdir()).rename(runs / "0-old.html")
    (runs / "mine.html").write_text("<p>not a report's</p>")
    write_report(pair, tmp_path, generated_at="now")
    assert not old.exists()
    assert (runs / "mine.html").exists()
    gone = written - {path.name for path in plots.iterdir()}
    assert {"confusion-old.png", "accuracy-speed-old.png", "curves-old.png"} <= gone
    assert all(path.stat().st_size > 10 for path in plots.glob("reliability.png"))
    assert (plots / "notes.txt").exists()
    assert (plots / "loss.png").exists()
    assert (tmp_path / "gate.csv").exists()


@pytest.mark.usefixtures("undrawn")
def test_in_a_folder_of_others_nothing_is_removed(pair, tmp_path):
    (tmp_path / "plots").mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "gone.html").symlink_to(tmp_path / "nowhere")
    others = [tmp_path / "plots" / "recall-of-mine.png", tmp_path / "plots" / "confusion-mine.png"]
    others.append(tmp_path / "robustness.csv")
    for path in others:
        path.write_bytes(b"mine")
    write_report(pair, tmp_path, generated_at="now")
    assert [path.read_bytes() for path in others] == [b"mine"] * 3
    write_report(pair, tmp_path, generated_at="later")
    assert (tmp_path / "runs" / "gone.html").is_symlink()


@pytest.mark.usefixtures("undrawn")
def test_a_write_that_fails_leaves_the_earlier_file_and_no_rest(pair, tmp_path, monkeypatch):
    write_report(pair, tmp_path, generated_at="first")
    before = content(tmp_path)

    def refuse(self, target):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_report(pair, tmp_path, generated_at="second")
    assert content(tmp_path) == before


def test_plots_that_a_second_process_draws_are_the_same(pair, tmp_path, monkeypatch):
    write_report(pair, tmp_path / "here", generated_at="now")
    monkeypatch.setattr("harness.report.drawn.MANY", 1)
    write_report(pair, tmp_path / "beside", generated_at="now")
    assert content(tmp_path / "here") == content(tmp_path / "beside")


@pytest.mark.parametrize("runs", [1, 100])
@pytest.mark.usefixtures("undrawn")
def test_the_first_page_is_put_in_place_last(pair, tmp_path, monkeypatch, runs):
    monkeypatch.setattr("harness.report.drawn.MANY", runs)
    replace, put = Path.replace, []

    def watch(self, target):
        if self.name == "index.html":
            assert content(tmp_path).keys() >= FILES - {"index.html"}
        put.append(self.name)
        return replace(self, target)

    monkeypatch.setattr("pathlib.Path.replace", watch)
    write_report(pair, tmp_path, generated_at="now")
    assert put[-1] == "index.html"
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"plots", "runs"}


@pytest.mark.usefixtures("undrawn")
def test_pages_that_a_second_process_wrote_are_not_seen_where_the_rest_fails(
    pair, tmp_path, monkeypatch
):
    write_report(pair, tmp_path, generated_at="first")
    before = content(tmp_path)
    monkeypatch.setattr("harness.report.drawn.MANY", 1)
    monkeypatch.setattr("harness.report.write.render_html", lambda *parts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(pair, tmp_path, generated_at="second")
    assert content(tmp_path) == before


@pytest.mark.usefixtures("undrawn")
def test_a_report_that_cannot_be_made_writes_nothing(pair, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.report.write.render_html", lambda *parts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(pair, tmp_path / "report", generated_at="now")
    assert not (tmp_path / "report").exists()


def test_without_a_result_there_are_reasons_and_no_plots(make_entry, tmp_path):
    comparison = compare([make_entry("vgg", status="failed", reason="no such luck")])
    write_report(comparison, tmp_path, generated_at="now")
    assert not list((tmp_path / "plots").iterdir())
    for name in ("report.md", "index.html", "comparison.csv", "runs.json"):
        assert "no such luck" in (tmp_path / name).read_text()


@pytest.mark.usefixtures("undrawn")
def test_pairs_are_judged_from_evidence_that_is_read_once(make_entry, evidence, tmp_path):
    asked = []

    def read(record):
        asked.append(record.key)
        return evidence(record)

    comparison = compare([make_entry(model, seed=s) for model in "ab" for s in range(3)])
    write_report(comparison, tmp_path, generated_at="now", evidence=read)
    assert sorted(asked) == sorted(row.record.key for row in comparison.rows)
    judged = with_pairs(comparison, evidence)
    expected = pd.read_csv(io.StringIO(pair_frame(judged).to_csv(index=False)))
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "pairs.csv"), expected)
    for name in ("report.md", "index.html"):
        text = (tmp_path / name).read_text()
        assert "against a" in text
        assert "over seeds and images" in text


@pytest.mark.usefixtures("undrawn")
def test_pairs_that_were_judged_are_not_judged_again(make_entry, evidence, tmp_path, monkeypatch):
    judged = with_pairs(compare([make_entry("a", 2.0), make_entry("b", 1.0)]), evidence)
    monkeypatch.setattr("harness.report.write.with_pairs", lambda *parts: 1 / 0)
    write_report(judged, tmp_path, generated_at="now", evidence=evidence)
    assert "weight files" in (tmp_path / "pairs.csv").read_text()
