"""`harness runs`: stored runs as a list, one by one, and out of the store."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import call
from harness.schema import CORRUPTIONS_VERSION, RobustnessRecord
from harness.store import Store


def listed(results, capsys, *words):
    capsys.readouterr()
    assert call(["runs", "list", "--json", "--results", str(results), *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_run_is_listed_with_its_quality_and_size(results, capsys):
    rows = listed(results, capsys)
    assert [(row["model"], row["seed"], row["status"]) for row in rows] == [
        ("convnet", 0, "done"),
        ("convnet", 1, "done"),
        ("vgg", 0, "failed"),
    ]
    records = [record for _, record in Store(results).list_runs().records]
    assert rows[0]["test_accuracy"] == records[0].test.accuracy
    for (folder, _), row in zip(Store(results).list_runs().records, rows, strict=True):
        assert row["bytes"] == sum(path.stat().st_size for path in folder.iterdir())


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--model", "conv*"], 2),
        (["--model", "conv*", "--model", "vgg"], 3),
        (["--recipe", "def*"], 3),
        (["--recipe", "strong"], 0),
        (["--seed", "1"], 1),
        (["--status", "failed"], 1),
        (["--dataset", "tiny"], 3),
        (["--model", "vgg", "--status", "done"], 0),
    ],
)
def test_filters_leave_what_they_mean(results, capsys, words, count):
    assert len(listed(results, capsys, *words)) == count


def test_the_table_names_what_was_set(results, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    capsys.readouterr()
    assert call(["runs", "list", "--results", str(results)]) == 0
    out = capsys.readouterr().out
    assert "3 runs" in out
    assert "vgg[width=4] epochs=1 learning_rate=1e+30" in out
    assert call(["runs", "list", "--model", "none", "--results", str(results)]) == 0
    assert "no such runs" in capsys.readouterr().out


def test_one_run_is_shown_by_the_beginning_of_its_key(results, capsys):
    _, record = Store(results).list_runs().records[0]
    capsys.readouterr()
    assert call(["runs", "show", record.key[:6], "--results", str(results)]) == 0
    out = capsys.readouterr().out
    assert record.command in out
    assert "test accuracy" in out
    assert call(["runs", "show", record.key[:6], "--json", "--results", str(results)]) == 0
    assert json.loads(capsys.readouterr().out)["key"] == record.key


def test_a_run_is_shown_with_views_the_clean_test_and_corrupted_images(results, capsys):
    store = Store(results)
    _, record = store.list_runs().records[0]
    metrics = record.test.model_copy(update={"accuracy": 0.625})
    quality = {"test_tta": metrics, "test_clean": metrics, "test_clean_tta": metrics}
    store.save(record.model_copy(update=quality))
    robustness = RobustnessRecord(
        key=record.key,
        version=CORRUPTIONS_VERSION,
        seed=0,
        n=8,
        uncorrupted_correct=4,
        uncorrupted_accuracy=0.5,
        corruptions=(),
        mean_accuracy=0.375,
        relative_loss=0.25,
        seconds=1.0,
        libraries={},
        evaluated_at="now",
    )
    store.save_robustness(record, robustness)
    capsys.readouterr()
    assert call(["runs", "show", record.key, "--results", str(results)]) == 0
    out = capsys.readouterr().out
    for name in ("test accuracy, views", "clean test accuracy", "clean test accuracy, views"):
        assert re.search(rf"^{name} +62\.5 % \(", out, re.MULTILINE)
    assert re.search(r"^corrupted test images +37\.5 % on average", out, re.MULTILINE)


def test_a_failed_run_is_shown_with_its_reason(results, capsys):
    _, record = Store(results).list_runs().records[2]
    capsys.readouterr()
    assert call(["runs", "show", record.key, "--results", str(results)]) == 0
    assert "loss became" in capsys.readouterr().out


def test_a_key_that_means_no_run_or_several_is_one_sentence(results, capsys):
    assert call(["runs", "show", "zz", "--results", str(results)]) == 2
    assert "no run has a key that begins with 'zz'" in capsys.readouterr().err
    store = Store(results)
    _, record = store.list_runs().records[0]
    # The same images under two names give runs of the same key.
    card = record.dataset.model_copy(update={"name": "other"})
    store.save(record.model_copy(update={"dataset": card}))
    assert call(["runs", "show", record.key[:9], "--results", str(results)]) == 2
    assert "2 runs have keys that begin with" in capsys.readouterr().err


def test_removing_asks_first_and_removes_just_what_was_meant(results, capsys, monkeypatch):
    monkeypatch.setattr("click.confirm", lambda *_: False)
    assert call(["runs", "rm", "--status", "failed", "--results", str(results)]) == 0
    assert len(listed(results, capsys)) == 3
    assert call(["runs", "rm", "--status", "failed", "-y", "--results", str(results)]) == 0
    rows = listed(results, capsys)
    assert [row["status"] for row in rows] == ["done", "done"]
    assert call(["runs", "rm", rows[0]["key"], "-y", "--results", str(results)]) == 0
    assert [row["key"] for row in listed(results, capsys)] == [rows[1]["key"]]


def keys(rows):
    return [row["key"] for row in rows]


def test_a_run_that_is_named_but_not_meant_by_the_options_is_kept(results, capsys):
    before = keys(listed(results, capsys))
    words = ["runs", "rm", "-y", "--status", "failed", "--results", str(results)]
    assert call([*words, before[0]]) == 0
    assert "no such runs" in capsys.readouterr().out
    assert keys(listed(results, capsys)) == before
    assert call([*words, before[0], before[2]]) == 0
    assert keys(listed(results, capsys)) == before[:2]


def test_a_run_that_is_named_twice_is_removed_once(results, capsys):
    first, *others = keys(listed(results, capsys))
    assert call(["runs", "rm", "-y", first, first[:8], "--results", str(results)]) == 0
    assert keys(listed(results, capsys)) == others


def test_what_was_to_be_removed_is_though_nobody_reads_of_it(results):
    """``harness runs rm … | head`` closes the pipe in the middle."""
    words = ["runs", "rm", "--model", "*", "-y", "--results", str(results)]
    code = f"from harness.cli.main import main; main({words})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.close()
        process.wait(timeout=60)
    assert Store(results).list_runs().records == []


def test_removing_says_before_it_asks_which_few_runs_will_go(results, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    said = []
    monkeypatch.setattr("click.confirm", lambda *_: said.append(capsys.readouterr().out))
    assert call(["runs", "rm", "--dataset", "tiny", "--results", str(results)]) == 0
    rows = [line.split() for line in said[0].splitlines()]
    assert ["convnet", "epochs=1", "1", "done"] in [row[1:5] for row in rows]
    assert "failed" in said[0]
    assert "3 runs, " in said[0]


class Terminal(io.StringIO):
    """Standard input that says to be a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stdin", "code", "sentence"),
    [
        (io.StringIO(), 2, "error: nothing was removed, since nobody answered; -y removes without"),
        (Terminal(), 130, "stopped; give the same command again"),
    ],
)
def test_where_nobody_answers_nothing_goes(results, capsys, monkeypatch, stdin, code, sentence):
    before = keys(listed(results, capsys))
    monkeypatch.setattr("sys.stdin", stdin)
    assert call(["runs", "rm", "--status", "failed", "--results", str(results)]) == code
    assert sentence in capsys.readouterr().err
    assert keys(listed(results, capsys)) == before


def test_many_runs_are_only_counted_before_they_go(results, capsys, monkeypatch):
    monkeypatch.setattr("harness.cli.runs.FEW", 2)
    monkeypatch.setattr("click.confirm", lambda *_: False)
    capsys.readouterr()
    assert call(["runs", "rm", "--dataset", "tiny", "--results", str(results)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 runs, ")
    assert "convnet" not in out


def test_removing_everything_by_accident_is_refused(results, capsys):
    assert call(["runs", "rm", "-y", "--results", str(results)]) == 2
    assert "name the runs to remove" in capsys.readouterr().err


def test_exported_runs_give_the_same_report_without_weights_and_logs(results, tmp_path, capsys):
    published = tmp_path / "published"
    words = ["runs", "export", str(published), "--status", "done", "--results", str(results)]
    assert call(words) == 0
    assert "2 runs, " in capsys.readouterr().out
    assert call(words) == 0  # Again, over what is there.
    names = {path.name for path in (published / "runs").rglob("*") if path.is_file()}
    assert names == {"record.json", "epochs.jsonl", "predictions.npz"}
    assert call(["runs", "rm", "--status", "failed", "-y", "--results", str(results)]) == 0
    for folder in (results, published):
        assert call(["report", "--results", str(folder)]) == 0
    for name in ("comparison.csv", "per_class.csv", "runs.json"):
        expected = (results / "report" / name).read_bytes()
        assert (published / "report" / name).read_bytes() == expected
    plots = sorted(path.name for path in (results / "report/plots").iterdir())
    assert plots == sorted(path.name for path in (published / "report/plots").iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["results"], "is the results folder itself"),
        (["published", "--model", "none"], "no such runs in"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence(results, tmp_path, capsys, words, message):
    name, *filters = words
    command = ["runs", "export", str(tmp_path / name), *filters, "--results", str(results)]
    assert call(command) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "published").exists()


def test_a_run_that_is_held_stops_no_other(results, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    store, words = Store(results), ["--results", str(results)]
    _, held = store.list_runs().records[0]
    with store.lock(held):
        assert call(["runs", "export", str(tmp_path / "out"), *words]) == 1
        assert "is held by another process" in capsys.readouterr().err
        assert len(Store(tmp_path / "out").list_runs().records) == 2
        assert call(["runs", "rm", "--model", "*", "-y", *words]) == 1
    assert "is held by another process" in capsys.readouterr().err
    assert [record.key for _, record in store.list_runs().records] == [held.key]


def test_runs_of_the_same_images_under_two_names_can_be_told_apart(results, capsys):
    store, words = Store(results), ["--results", str(results)]
    _, record = store.list_runs().records[0]
    copy = record.dataset.model_copy(update={"name": "copy"})
    store.save(record.model_copy(update={"dataset": copy}))
    assert call(["runs", "show", record.key, *words]) == 2
    assert f"{record.key[:12]} on copy, {record.key[:12]} on tiny" in capsys.readouterr().err
    assert call(["runs", "show", record.key, "--dataset", "copy", *words]) == 0
    assert call(["report", record.key, *words]) == 2
    assert call(["report", record.key, "--dataset", "copy", *words]) == 0
    assert call(["runs", "rm", record.key, "--dataset", "copy", "-y", *words]) == 0
    assert len(store.list_runs().records) == 3


def test_files_that_are_renamed_while_they_are_measured_count_nothing(results, capsys, monkeypatch):
    """A run that goes on replaces its checkpoint."""
    real = Path.unlink
    scanned = os.scandir

    class Vanishing:
        def __init__(self, folder):
            self._files = scanned(folder)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self._files.close()

        def __iter__(self):
            for file in self._files:
                if file.name == "epochs.jsonl":
                    real(Path(file.path))
                yield file

    monkeypatch.setattr("harness.cli.runs.os.scandir", Vanishing)
    assert len(listed(results, capsys)) == 3


def test_a_folder_that_cannot_be_written_takes_no_run(results, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "published"
    assert call(["runs", "export", str(place), "--results", str(results)]) == 2
    err = capsys.readouterr().err
    assert "cannot write" in err
    assert "give another FOLDER" in err


def test_a_damaged_record_is_a_warning(results, capsys):
    folder, _ = Store(results).list_runs().records[0]
    (folder / "record.json").write_text("{}")
    assert len(listed(results, capsys)) == 2
    call(["runs", "list", "--results", str(results)])
    assert "warning: " in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_no_empty_store(tmp_path, capsys):
    assert call(["runs", "list", "--results", str(tmp_path / "typo")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_no_key_is_the_key_of_no_run(results, capsys):
    """As of a variable that is not set; every key begins with nothing."""
    for words in (["show", ""], ["rm", "", "-y"]):
        assert call(["runs", *words, "--results", str(results)]) == 2
        assert "error: KEY is empty" in capsys.readouterr().err
    assert len(Store(results).list_runs().records) == 3


def test_a_copy_of_a_run_is_told_of_and_not_taken_for_it(results, capsys):
    folder, record = Store(results).list_runs().records[0]
    shutil.copytree(folder, folder.with_name(f"{folder.name}-copy"))
    assert call(["runs", "rm", record.key, "-y", "--results", str(results)]) == 0
    told = capsys.readouterr()
    assert "-copy/record.json is of another folder's run" in told.err
    assert told.out.count("removed ") == 1
    assert not folder.exists()


def test_a_run_is_shown_with_its_uncertainty(results, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    found = Store(results).list_runs().records
    record = next(record for _, record in found if record.status == "done")
    call(["runs", "show", record.key, "--results", str(results)])
    told = capsys.readouterr().out
    recall = record.test.recall["left"]
    assert f"{100 * recall.low:.1f}–{100 * recall.high:.1f}" in told
    low, high = (f"{100 * end:.1f}" for end in record.test.uar_interval)
    assert re.search(rf"UAR of test images +{100 * record.test.uar:.1f} % \({low}–{high}\)", told)
    low, high = (f"{100 * end:.1f}" for end in record.test.macro_f1_interval)
    found = f"{100 * record.test.macro_f1:.1f}"
    assert re.search(rf"macro-F1 of test images +{found} % \({low}–{high}\)", told)


def test_an_export_that_leaves_what_is_done_there_says_so_and_is_no_failure(
    results, tmp_path, capsys
):
    here, there = Store(tmp_path / "here"), tmp_path / "there"
    [(_, done), *_] = Store(results).list_runs().records
    words = ["runs", "export", str(there), "--results"]
    here.save(done)
    assert call([*words, str(here.root)]) == 0
    here.save(done.model_copy(update={"status": "interrupted", "reason": "stopped"}))
    capsys.readouterr()
    assert call([*words, str(here.root)]) == 0
    shown = capsys.readouterr()
    assert "is done and the run here interrupted: it stays" in shown.err
    assert shown.out.startswith("0 runs")


@pytest.mark.parametrize("words", [["runs", "list", "--results"], ["compare", "here"]])
def test_results_behind_a_closed_folder_are_one_sentence(tmp_path, capsys, monkeypatch, words):
    real = Path.stat

    def refuse(self, **how):
        if self.name == "results":
            raise PermissionError(13, "Permission denied")
        return real(self, **how)

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "stat", refuse)
    place = str(tmp_path / "closed" / "results")
    assert call([*words, place] if words[0] == "runs" else ["compare", place, "here"]) == 2
    assert f"{place} cannot be read: Permission denied" in capsys.readouterr().err
