"""`harness run --robustness` from its words to its files and exit code."""

import csv
import io
import json

import pytest
from rich.console import Console

from harness.cli.display import PlainDisplay
from harness.cli.live import LiveDisplay
from harness.cli.main import call
from harness.engines import InlineEngine
from harness.measure import throughput
from harness.runner import Planned
from harness.schema import Event, RobustnessRecord
from harness.store import Store

QUICK = ["-o", "epochs=1", "-o", "batch_size=32", "--threads", "1", "--precision", "float32"]


@pytest.fixture
def run(tmp_path, tiny, monkeypatch):
    """Call `harness run` on the tiny data, in this process."""
    # Slices of time too short to measure anything: here only what happens counts.
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.02,))

    def call_run(*words, engine="inline"):
        places = ["--data", str(tiny), "--results", str(tmp_path / "results")]
        return call(["run", "convnet", *words, *QUICK, *places, "--engine", engine])

    return call_run


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


def only(store):
    [(_, record)] = store.list_runs().records
    return record


def test_a_run_is_evaluated_and_reported(run, store, capsys):
    assert run("--robustness") == 0
    found = store.robustness(only(store))
    with (store.report_folder / "robustness.csv").open() as file:
        rows = list(csv.DictReader(file))
    accuracies = [float(row["accuracy"]) for row in rows if row["strength"] != "0"]
    assert len(accuracies) == 45
    assert sum(accuracies) / 45 == pytest.approx(found.mean_accuracy)
    captured = capsys.readouterr()
    assert "convnet seed 0: robustness: test" in captured.err
    assert "gaussian" in captured.out
    page = (store.report_folder / "index.html").read_text()
    assert "Robustness" in page
    document = json.loads((store.report_folder / "runs.json").read_text())
    assert document["runs"][0]["robustness"]["key"] == found.key


def test_without_the_word_nothing_is_evaluated(run, store):
    assert run() == 0
    assert store.robustness(only(store)) is None
    assert not (store.report_folder / "robustness.csv").exists()


def test_a_run_that_has_finished_before_is_evaluated_too_and_once(run, store, monkeypatch, capsys):
    assert run() == 0
    assert run("--robustness") == 0
    first = store.robustness(only(store))

    def never(*_):
        raise AssertionError("it was evaluated before")

    monkeypatch.setattr(InlineEngine, "robustness", never)
    capsys.readouterr()
    assert run("--robustness") == 0
    assert store.robustness(only(store)) == first
    assert "reused: done" in capsys.readouterr().err
    # What is known is reported, asked for or not.
    assert run() == 0
    assert (store.report_folder / "robustness.csv").exists()


def test_force_evaluates_again(run, store):
    run("--robustness")
    first = store.robustness(only(store))
    run("--robustness", "--force")
    assert store.robustness(only(store)).seconds != first.seconds


def test_missing_weights_are_a_warning_and_exit_code_1(run, store, capsys):
    run()
    (store.run_folder(only(store)) / "model.safetensors").unlink()
    assert run("--robustness") == 1
    err = capsys.readouterr().err
    assert "warning: convnet (seed 0): its robustness could not be evaluated" in err
    assert "model.safetensors) are missing" in err
    assert "Traceback" not in err.split("its robustness could not be evaluated")[1]
    assert (store.report_folder / "index.html").is_file()
    assert run() == 0


def test_each_run_is_evaluated_in_a_process(run, store):
    assert run("--robustness", engine="process") == 0
    assert store.robustness(only(store)).n == 45


def test_a_dry_run_says_how_many_would_be_evaluated(run, store, capsys):
    run("--seeds", "2")
    assert run("--seeds", "3", "--robustness", "--dry-run") == 0
    assert "3 of 3 to evaluate on corrupted images" in capsys.readouterr().out
    run("--seeds", "2", "--robustness")
    capsys.readouterr()
    run("--seeds", "3", "--robustness", "--dry-run")
    assert "1 of 3 to evaluate on corrupted images" in capsys.readouterr().out
    run("--seeds", "3", "--dry-run")
    assert "corrupted" not in capsys.readouterr().out


def test_a_file_of_settings_may_ask_for_it(run, store, tmp_path):
    (tmp_path / "grid.toml").write_text("robustness = true\n")
    assert run("--config", str(tmp_path / "grid.toml")) == 0
    assert store.robustness(only(store)) is not None


def test_help_says_what_it_costs(capsys):
    assert call(["run", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "--robustness" in words
    assert "46 passes over the test split" in words


def robustness(**changes):
    values = {
        "key": "k",
        "version": 1,
        "seed": 0,
        "n": 100,
        "uncorrupted_correct": 80,
        "uncorrupted_accuracy": 0.8,
        "corruptions": (),
        "mean_accuracy": 0.6,
        "relative_loss": 0.25,
        "seconds": 1,
        "libraries": {},
        "evaluated_at": "now",
    }
    return RobustnessRecord(**(values | changes))


def test_a_log_has_a_line_for_the_beginning_and_the_end(make_specs):
    [spec] = make_specs("convnet")
    out = io.StringIO()
    display = PlainDisplay(Console(file=out, width=160), [Planned(spec, None, "new")])
    display.corrupting(spec)
    display.corrupting_event(spec, Event(kind="corruption", text="blur, strength 1"))
    display.corrupted(spec, robustness())
    assert out.getvalue().splitlines() == [
        "convnet seed 0: robustness on corrupted test images …",
        "convnet seed 0: robustness: test 80.0 % uncorrupted, 60.0 % corrupted on average: "
        "relative loss 25.0 %",
    ]
    display.corrupted(spec, None)
    display.corrupted(spec, robustness(uncorrupted_accuracy=0, mean_accuracy=0, relative_loss=None))
    assert out.getvalue().splitlines()[2:] == [
        "convnet seed 0: robustness: test 0.0 % uncorrupted, 0.0 % corrupted on average"
    ]


def test_a_terminal_shows_what_goes_on_now(make_specs):
    specs = make_specs("convnet", seeds=(0, 1))
    display = LiveDisplay(
        Console(file=io.StringIO(), width=160), [Planned(spec, None, "new") for spec in specs]
    )
    for spec in specs:
        display.corrupting(spec)
    display.corrupting_event(
        specs[0], Event(kind="corruption", text="blur, strength 1", fraction=5 / 45)
    )
    assert str(display.render()).splitlines() == [
        "robustness of convnet seed 0: blur, strength 1, 11 % done",
        "robustness of convnet seed 1: starting",
    ]
    display.corrupted(specs[0], robustness())
    display.corrupted(specs[1], None)
    assert "robustness" not in str(display.render())
