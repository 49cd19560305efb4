"""`harness run` from its words to its exit code."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score

from harness.cli.main import call
from harness.engines import InlineEngine
from harness.execute import ended_speed
from harness.measure import throughput
from harness.store import Store
from harness.tensors import device

QUICK = ["-o", "epochs=2", "-o", "batch_size=32", "--threads", "1", "--precision", "float32"]


@pytest.fixture
def results(tmp_path: Path, monkeypatch) -> Path:
    # Slices of time too short to measure anything: here only what happens counts.
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.02,))
    return tmp_path / "results"


def run(*words: str, results: Path, data: Path | str, engine: str = "inline") -> int:
    return call(
        ["run", *words, *QUICK, "--data", str(data), "--results", str(results), "--engine", engine]
    )


def rows(results: Path) -> list[dict[str, str]]:
    with (results / "report" / "comparison.csv").open() as file:
        return list(csv.DictReader(file))


def test_all_models_are_trained_timed_and_compared(results, tiny, capsys):
    assert run("--all", results=results, data=tiny) == 0
    assert {row["model"] for row in rows(results)} == {"convnet", "fastnet", "vgg"}
    for row in rows(results):
        assert row["status"] == "done"
        assert float(row["train_images_per_second"]) > 0
        assert float(row["latency_p50_ms"]) > 0
    out = capsys.readouterr().out
    assert "convnet" in out
    assert f"Report: {results / 'report' / 'index.html'}" in out


def test_runs_go_on_though_nobody_reads_their_progress(results, tiny):
    """``harness run 2>&1 | head`` closes the pipe of both."""
    words = ["run", "convnet", *QUICK, "--data", str(tiny), "--results", str(results)]
    code = f"from harness.cli.main import main; main({words} + ['--no-speed'])"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdout=pipe, stderr=pipe) as process:
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=300) == 0
    [row] = rows(results)
    assert row["status"] == "done"


def test_every_file_of_the_report_says_the_same(results, tiny):
    run("convnet", results=results, data=tiny)
    [(folder, record)] = Store(results).list_runs().records
    arrays = np.load(folder / "predictions.npz")
    accuracy = accuracy_score(arrays["test_labels"], arrays["test_probabilities"].argmax(1))
    [row] = rows(results)
    assert float(row["accuracy"]) == record.test.accuracy == accuracy
    document = json.loads((results / "report" / "runs.json").read_text())
    assert str(accuracy) in json.dumps(document)
    for name in ("report.md", "index.html"):
        assert f"{100 * accuracy:.1f}" in (results / "report" / name).read_text()
    with (results / "report" / "per_class.csv").open() as file:
        recalls = {r["class"]: r["recall"] for r in csv.DictReader(file) if r["split"] == "test"}
    for name, value in record.test.recall.items():
        assert float(recalls[name]) == value.recall
        assert float(row[f"recall_{name}"]) == value.recall


def test_what_has_finished_is_reused_and_said_so(results, tiny, capsys):
    run("convnet", results=results, data=tiny)
    before = next((results / "speed").glob("*/convnet-*.json")).read_text()
    capsys.readouterr()
    assert run("convnet", results=results, data=tiny) == 0
    err = capsys.readouterr().err
    assert "reused: done" in err
    assert "epoch 1" not in err
    assert next((results / "speed").glob("*/convnet-*.json")).read_text() == before


def test_force_makes_a_run_again(results, tiny, capsys):
    run("convnet", results=results, data=tiny)
    capsys.readouterr()
    assert run("convnet", "--force", results=results, data=tiny) == 0
    assert "made again (--force)" in capsys.readouterr().err
    assert len(rows(results)) == 1


def test_a_model_that_cannot_be_timed_is_a_failure_of_the_command(
    results, tiny, capsys, monkeypatch
):
    def fail(self, specs, listen):
        return [ended_speed(spec, "failed", "timing: no luck") for spec in specs]

    monkeypatch.setattr(InlineEngine, "measure", fail)
    assert run("convnet", results=results, data=tiny) == 1
    assert "convnet could not be timed: timing: no luck" in capsys.readouterr().err
    assert rows(results)[0]["status"] == "done"
    monkeypatch.undo()
    assert run("convnet", results=results, data=tiny) == 0


def test_a_search_times_nothing_and_the_same_command_does_later(results, tiny, capsys):
    store = Store(results)
    assert run("convnet", "--no-speed", results=results, data=tiny) == 0
    [(_, record)] = store.list_runs().records
    assert (record.status, store.speeds(record)) == ("done", ())
    assert run("convnet", results=results, data=tiny) == 0
    assert "reused" in capsys.readouterr().err
    [speed] = store.speeds(record)
    assert speed.status == "done"


def test_every_seed_is_a_row(results, tiny):
    run("convnet", "--seeds", "2", results=results, data=tiny)
    assert sorted(row["seed"] for row in rows(results)) == ["0", "1"]


def test_broken_plugins_are_rows_with_reasons_and_the_good_ones_complete(
    results, tiny, write_plugin, linear, tmp_path, capsys
):
    (tmp_path / "torn.py").write_text("import nothinghere\n")
    plugins = {
        "raises": "raise ValueError('no luck')",
        "exits": "import os; os._exit(7)",
        "killed": "import os; os.kill(os.getpid(), 9)",
        "good": linear,
    }
    words = ["-p", str(tmp_path / "torn.py")]
    for name, body in plugins.items():
        words += ["-p", str(write_plugin(name, body))]
    code = run("--all", *words, results=results, data=tiny, engine="process")
    assert code == 1
    by_model = {row["model"]: row for row in rows(results)}
    assert {by_model[name]["status"] for name in ("good", "convnet", "fastnet", "vgg")} == {"done"}
    for name, reason in (
        ("raises", "ValueError: no luck"),
        ("exits", "code 7"),
        ("killed", "SIGKILL"),
    ):
        assert by_model[name]["status"] == "failed"
        assert reason in by_model[name]["reason"]
    captured = capsys.readouterr()
    assert "nothinghere" in captured.err
    for name in ("report.md", "index.html"):
        assert "nothinghere" in (results / "report" / name).read_text()


def test_a_failed_run_is_tried_again_and_an_unsupported_one_is_not(
    results, tiny, write_plugin, linear, tmp_path, capsys
):
    flag = tmp_path / "now"
    body = f"import pathlib\nif not pathlib.Path({str(flag)!r}).exists():\n"
    body += "    raise OSError('later')\n"
    plugin = str(write_plugin("late", body + linear))
    assert run("late", "-p", plugin, results=results, data=tiny) == 1
    flag.touch()
    assert run("late", "-p", plugin, results=results, data=tiny) == 0
    assert "tried again: failed before" in capsys.readouterr().err

    picky = str(write_plugin("picky", linear, "supports=lambda shape, classes: 'too few'"))
    assert run("picky", "-p", picky, results=results, data=tiny) == 0
    capsys.readouterr()
    assert run("picky", "-p", picky, results=results, data=tiny) == 0
    assert "reused: unsupported" in capsys.readouterr().err


def test_the_built_in_data_is_synthetic_and_says_so_everywhere(
    results, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    assert run("convnet", results=results, data="faces[size=200]") == 0
    captured = capsys.readouterr()
    assert "synthetic" in captured.err
    assert "synthetic" in captured.out.lower()
    for name in ("report.md", "index.html"):
        assert "synthetic" in (results / "report" / name).read_text().lower()
    assert rows(results)[0]["dataset"].startswith("faces")


def test_without_data_a_run_is_a_quick_look_and_says_so(results, tmp_path, monkeypatch, capsys):
    from harness.data import faces

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(faces.load, "__defaults__", (200, *faces.load.__defaults__[1:]))
    words = ["run", "convnet", "--results", str(results), "--engine", "inline", "--threads", "1"]
    assert call(words) == 0
    assert "quick: 4 epochs, for a first look and not for a result" in capsys.readouterr().err
    [(_, record)] = Store(results).list_runs().records
    assert record.quick
    assert record.recipe.epochs == 4
    assert record.dataset.name.startswith("faces")


def test_a_report_that_cannot_be_written_hides_no_failure(results, tiny, capsys):
    (results / "report" / "index.html").mkdir(parents=True)
    words = ["vgg[width=4]", "-o", "learning_rate=1e30", "-o", "epochs=1"]
    assert run(*words, results=results, data=tiny) == 1
    err = capsys.readouterr().err
    assert (
        f"error: cannot write to {results / 'report'}: Is a directory; give another --results"
        in err
    )
    assert "vgg[width=4] seed 0: failed: " in err


def test_a_report_that_cannot_be_written_is_a_failure_of_the_command(results, tiny):
    (results / "report" / "index.html").mkdir(parents=True)
    assert run("convnet", "--no-speed", results=results, data=tiny) == 1
    [(_, record)] = Store(results).list_runs().records
    assert record.status == "done"


@pytest.mark.parametrize("given", [True, False])
def test_a_quick_look_says_what_trains_in_full(tiny, tmp_path, monkeypatch, capsys, given):
    from harness.data import faces

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(faces.load, "__defaults__", (200, *faces.load.__defaults__[1:]))
    words = ["run", "convnet", "--results", str(tmp_path / "results"), "--dry-run"]
    assert call([*words, *(["--data", str(tiny), "--quick"] if given else [])]) == 0
    full = "without --quick it trains in full" if given else "--data trains in full"
    assert f"not for a result; {full}, by each recipe" in capsys.readouterr().err


@pytest.mark.parametrize("given", [("--quick", "-o", "epochs=1"), ("-o", "epochs=1")])
def test_epochs_that_are_asked_for_are_no_quick_look(tiny, tmp_path, capsys, given):
    words = ["run", "convnet", "--data", str(tiny), "--results", str(tmp_path / "results")]
    assert call([*words, "--dry-run", *given]) == 0
    assert "quick:" not in capsys.readouterr().err


def test_a_file_gets_no_spinner_though_colours_are_forced(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    data = shutil.copytree(tiny, tmp_path / "data")
    (data / "audit.json").unlink(missing_ok=True)
    words = ["run", "convnet", "--data", str(data), "--results", str(tmp_path / "results")]
    assert call([*words, *QUICK, "--no-speed"]) == 0
    told = capsys.readouterr().err
    assert "auditing" in told
    assert "\x1b[?25l" not in told


def test_results_lie_where_they_were_asked_for_wherever_a_hook_goes(tiny, tmp_path, monkeypatch):
    """With --jobs one run's hook may be in another folder while another run is written."""
    seen = []

    class Stopped(Exception):
        pass

    def conductor(_, store, *__, **___):
        seen.append(store.root)
        raise Stopped

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("harness.cli.conduct.Conductor", conductor)
    with pytest.raises(Stopped):
        call(["run", "convnet", "--data", str(tiny), "--results", "mine"])
    assert seen == [tmp_path / "mine"]


@pytest.mark.parametrize("option", ["--results", "--config"])
def test_an_empty_path_is_a_mistake_and_not_the_working_folder(
    tiny, tmp_path, monkeypatch, capsys, option
):
    monkeypatch.chdir(tmp_path)
    assert call(["run", "convnet", "--data", str(tiny), option, ""]) == 2
    assert "it is empty, expected a path" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("native", [True, False])
def test_a_precision_that_the_processor_emulates_is_a_warning(tiny, monkeypatch, capsys, native):
    monkeypatch.setattr(device, "has_bfloat16", lambda name: native)
    words = ["run", "convnet", "--data", str(tiny), "--dry-run", "--precision", "bfloat16"]
    assert call(words) == 0
    assert ("only emulates bfloat16" in capsys.readouterr().err) is not native


@pytest.mark.parametrize("colour", [False, True])
def test_scikit_learns_digits_train_without_a_change_anywhere(results, tmp_path, colour):
    digits = load_digits()
    images = np.kron(digits.images * 15.9, np.ones((1, 2, 2))).astype(np.uint8)
    if colour:
        images = np.stack([images, 255 - images, images // 2], axis=3)
    parts = {"train": slice(0, 1200), "valid": slice(1200, 1500), "test": slice(1500, 1797)}
    folder = tmp_path / "digits"
    folder.mkdir()
    for split, part in parts.items():
        np.save(folder / f"{split}_images.npy", images[part])
        np.save(folder / f"{split}_labels.npy", digits.target[part])
    assert run("--all", "-o", "convnet.learning_rate=0.05", results=results, data=folder) == 0
    assert all(row["status"] == "done" for row in rows(results))
    assert max(float(row["accuracy"]) for row in rows(results)) > 0.5
    assert "recall_9" in rows(results)[0]


def test_real_faces_give_a_whole_report(results, fer2013, tmp_path):
    folder = tmp_path / "sample"
    folder.mkdir()
    for split in ("train", "valid", "test"):
        for kind in ("images", "labels"):
            array = np.load(fer2013 / f"{split}_{kind}.npy", mmap_mode="r")
            np.save(folder / f"{split}_{kind}.npy", array[:300])
    assert run("convnet", results=results, data=folder) == 0
    [(_, record)] = Store(results).list_runs().records
    assert record.dataset.classes[1] == "disgust"
    assert record.dataset.input_shape == (1, 48, 48)
    assert record.test.n == 300


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run"], "name the models to run, or give --all"),
        (["run", "vgggg"], "did you mean 'vgg'?"),
        (["run", "vgg[widht=3]"], "did you mean 'width'?"),
        (["run", "vgg", "-o", "epoch=3"], "did you mean 'epochs'?"),
        (["run", "vgg", "-o", "epochs=many"], "epochs"),
        (["run", "vgg", "--seeds", "x"], "--seeds x"),
        (["run", "vgg", "--data", "no/such/folder"], "there is no such folder"),
        (["run", "vgg", "--data", "facse"], "did you mean 'faces'?"),
        (["run", "vgg", "--device", "gpu"], "--device gpu"),
        (["run", "vgg", "--timeout", "soon"], "--timeout soon"),
        (["run", "vgg", "--data", ""], "--data is empty, expected a folder"),
        (["run", "vgg", "-p", "nowhere/net.py"], "there is no such plugin"),
        (["run", "vgg", "--recipe", "strang"], "unknown recipe 'strang'"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(
    words, message, tiny, results, capsys, monkeypatch
):
    monkeypatch.setenv("HARNESS_CACHE", str(results.parent / "cache"))
    if "--data" not in words:
        words = [*words, "--data", str(tiny)]
    assert call([*words, "--results", str(results)]) == 2
    err = capsys.readouterr().err
    last = err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last
    assert "Traceback" not in err
    assert not (results / "runs").exists()


def test_ctrl_c_keeps_what_there_is_and_exits_with_130(results, tiny, monkeypatch, capsys):
    from harness.engines import ProcessEngine

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ProcessEngine, "_converse", interrupted)
    assert run("convnet", results=results, data=tiny, engine="process") == 130
    [(_, record)] = Store(results).list_runs().records
    assert record.status == "interrupted"


def test_a_record_that_cannot_be_read_is_told_and_kept(results, tiny, capsys):
    assert run("convnet", "--no-speed", results=results, data=tiny) == 0
    [(folder, _)] = Store(results).list_runs().records
    (folder / "record.json").write_text("{}")
    assert run("convnet", "--no-speed", results=results, data=tiny) == 1
    assert "convnet seed 0: failed: " in capsys.readouterr().err
    assert (folder / "record.json").read_text() == "{}"
