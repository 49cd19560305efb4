"""`harness runs`, `--dry-run` and `completion`."""

import json
import re
import shutil
from pathlib import Path

import pytest

from harness.cli.main import call
from harness.measure import throughput
from harness.schema import CORRUPTIONS_VERSION, RobustnessRecord
from harness.store import Store


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny):
    """Two convnets and a run that failed."""
    results = tmp_path_factory.mktemp("made") / "results"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throughput.time_slice, "__defaults__", (0.001,))
        assert run(results, tiny, "convnet", "-o", "epochs=1", "--seeds", "2") == 0
        assert run(results, tiny, "vgg[width=4]", "-o", "learning_rate=1e30", "-o", "epochs=1") == 1
    return results


@pytest.fixture
def results(made, tmp_path):
    """A copy of those runs, for each test to change."""
    return Path(shutil.copytree(made, tmp_path / "results"))


def run(results, tiny, *words):
    common = ["--data", str(tiny), "--results", str(results), "--engine", "inline"]
    return call(["run", *words, *common, "--threads", "1", "--precision", "float32"])


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
        clean_correct=4,
        clean_accuracy=0.5,
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


@pytest.mark.parametrize(("key", "message"), [("zz", "no run has a key"), ("", "3 runs have keys")])
def test_a_key_that_means_no_run_or_several_is_one_sentence(results, capsys, key, message):
    assert call(["runs", "show", key, "--results", str(results)]) == 2
    assert message in capsys.readouterr().err


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


def test_removing_says_before_it_asks_which_few_runs_will_go(results, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    said = []
    monkeypatch.setattr("click.confirm", lambda *_: said.append(capsys.readouterr().out))
    assert call(["runs", "rm", "--dataset", "tiny", "--results", str(results)]) == 0
    rows = [line.split() for line in said[0].splitlines()]
    assert ["convnet", "epochs=1", "1", "done"] in [row[1:5] for row in rows]
    assert "failed" in said[0]
    assert "3 runs, " in said[0]


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


def test_a_dry_run_says_what_would_run_why_and_how_long_and_runs_nothing(results, tiny, capsys):
    capsys.readouterr()
    words = ["convnet", "vgg[width=8]", "-o", "epochs=1|50000", "--seeds", "1", "--dry-run"]
    assert run(results, tiny, *words) == 0
    out = capsys.readouterr().out
    assert "reused" in out
    assert "3 of 4 runs to make, about " in out
    assert "nothing tells how long 2 of them" in " ".join(out.split())
    assert len(listed(results, capsys)) == 3


def test_a_dry_run_needs_no_time_for_weights_that_are_reused(results, tiny, capsys):
    capsys.readouterr()
    words = ["convnet", "-o", "epochs=1", "-o", "tta=flip", "--dry-run"]
    assert run(results, tiny, *words) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "weights reused from" in out
    assert "1 of 1 runs to make" in out
    assert "of training" not in out


def test_a_dry_run_counts_once_what_trains_alike(results, tiny, capsys):
    def told(*words):
        capsys.readouterr()
        assert run(results, tiny, "convnet", "-o", "epochs=50000", "--dry-run", *words) == 0
        return capsys.readouterr().out.rpartition("about ")[2]

    assert told("-o", "tta=none|flip|views10") == told()
    # With --force nobody takes over anything.
    assert told("-o", "tta=none|flip", "--force") == told("--seeds", "2", "--force")


def test_recipes_of_a_model_are_told_apart(make_specs):
    from harness.cli.display import run_name
    from harness.cli.tables import _label

    [first, second] = make_specs("vgg", recipes=("default|strong",))
    assert (run_name(first), run_name(second)) == ("vgg seed 0", "vgg strong seed 0")
    assert _label("vgg", {"width": 8}, {"epochs": 2}, "strong") == "vgg[width=8] strong epochs=2"


def test_an_estimate_is_the_images_that_are_left_over_the_rate(results, make_specs):
    from harness.runner.estimate import seconds_left

    records = [record for _, record in Store(results).list_runs().records]
    [spec] = make_specs("convnet", options=("epochs=10",))
    cost = max(records[:2], key=lambda record: record.finished_at).cost
    left = seconds_left(spec, records, epochs=())
    rate = cost.train_images_per_second
    expected = 10 * 96 / rate * (1 + cost.valid_seconds / cost.train_seconds)
    assert left == pytest.approx(expected)
    assert seconds_left(spec, [], ()) is None


def test_a_run_that_goes_on_is_judged_by_the_epochs_it_has_behind_it(results, make_specs):
    from harness.runner.estimate import seconds_left

    store = Store(results)
    records = [record for _, record in store.list_runs().records]
    [spec] = make_specs("convnet", options=("epochs=10",))
    epoch = store.epochs(records[0])[0]
    # One of the three went on beside other work.
    behind = [
        epoch.model_copy(update={"train_seconds": seconds, "valid_seconds": 1.0})
        for seconds in (4.0, 5.0, 90.0)
    ]
    assert seconds_left(spec, records, behind) == pytest.approx((10 - 3) * 6)
    assert seconds_left(spec, [], behind) == pytest.approx((10 - 3) * 6)


def test_runs_side_by_side_take_as_long_as_the_lane_that_ends_last():
    from harness.runner.estimate import together

    assert together([3, 1, 1, 2], jobs=1) == 7
    assert together([3, 1, 1, 2], jobs=2) == 4
    assert together([3, 1, 1, 2], jobs=9) == 3
    assert together([], jobs=2) == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_dry_run_counts_with_the_runs_at_a_time(jobs, results, tiny, capsys):
    capsys.readouterr()
    words = ["convnet", "-o", "epochs=50000", "--seeds", "2", "--data", str(tiny)]
    words += ["--results", str(results), "--threads", "1", "--precision", "float32"]
    assert call(["run", *words, "--jobs", str(jobs), "--dry-run"]) == 0
    out = capsys.readouterr().out
    [each] = {line.split("  ")[-1].strip() for line in out.splitlines() if "seed" in line}
    [told] = re.findall("about (.*) of training", out)
    assert (told == each) == (jobs == 2), (told, each)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell, capsys):
    assert call(["completion", shell]) == 0
    assert "_HARNESS_COMPLETE" in capsys.readouterr().out


def test_models_are_completed(monkeypatch, capsys):
    from click.shell_completion import get_completion_class

    from harness.cli.main import cli

    shell = get_completion_class("bash")(cli, {}, "harness", "_HARNESS_COMPLETE")
    words = [item.value for item in shell.get_completions(["run"], "b")]
    assert words == ["basic"]


def test_a_dry_run_says_what_cannot_be_loaded(results, tiny, tmp_path, capsys):
    (tmp_path / "torn.py").write_text("import nothinghere\n")
    words = ["convnet", "-p", str(tmp_path / "torn.py"), "-o", "epochs=1", "--dry-run"]
    assert run(results, tiny, *words) == 0
    assert "plugin torn: failed: ModuleNotFoundError" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_no_empty_store(tmp_path, capsys):
    assert call(["runs", "list", "--results", str(tmp_path / "typo")]) == 2
    assert "there is no such folder" in capsys.readouterr().err
