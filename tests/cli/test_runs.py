"""`harness runs`: stored runs as a list, and one by one."""

import json
import os
import re
from pathlib import Path

import pytest

from harness.cli.main import call
from harness.schema import CORRUPTIONS_VERSION, RobustnessRecord
from harness.store import Store


def test_every_run_is_listed_with_its_quality_and_size(results, listed):
    rows = listed(results)
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
def test_filters_leave_what_they_mean(results, listed, words, count):
    assert len(listed(results, *words)) == count


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


def test_files_that_are_renamed_while_they_are_measured_count_nothing(results, listed, monkeypatch):
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
    assert len(listed(results)) == 3


def test_a_damaged_record_is_a_warning(results, listed, capsys):
    folder, _ = Store(results).list_runs().records[0]
    (folder / "record.json").write_text("{}")
    assert len(listed(results)) == 2
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
