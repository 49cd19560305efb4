import gc
import json
import subprocess
import sys

import pytest

from harness.cli.main import call
from harness.schema import (
    ClassRecall,
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    Metrics,
    PluginCard,
    Rate,
    Recipe,
    RunRecord,
    SpeedRecord,
)
from harness.store import Store

MACHINE = Environment(
    machine="m1",
    processor="a processor",
    cores=2,
    memory_bytes=2**30,
    system="Linux",
    python="3.12",
    torch="2.9",
    harness="0.1",
)


def metrics(hits):
    """Quality on ten images of two classes, of which ``hits`` are right."""
    recall = ClassRecall(recall=hits / 10, low=0.0, high=1.0, n=5)
    return Metrics(
        n=10,
        accuracy=hits / 10,
        accuracy_low=max(0, hits / 10 - 0.3),
        accuracy_high=min(1, hits / 10 + 0.3),
        uar=hits / 10,
        macro_f1=hits / 10,
        top2=None,
        nll=0.7,
        ece=0.1,
        brier=0.4,
        recall={"cat": recall, "dog": recall},
        confusion=((hits // 2, 5 - hits // 2), (5 - hits // 2, hits // 2)),
    )


def record(model="net", data="pets", hits=8, **changes):
    values = {
        "key": f"{model}-{data}-{changes.get('seed', 0)}-key",
        "speed_key": f"{model}-speed-key",
        "model": model,
        "recipe": Recipe(epochs=2),
        "seed": 0,
        "device": "cpu",
        "precision": "float32",
        "threads": 2,
        "status": "done",
        "dataset": DatasetCard(
            name=data,
            fingerprint=data,
            classes=("cat", "dog"),
            input_shape=(1, 8, 8),
            counts={"train": 10, "valid": 10, "test": 10},
        ),
        "plugin": PluginCard(name=model, source=f"{model}.py", sha256="0" * 64),
        "selected_epoch": 2,
        "train": metrics(10),
        "valid": metrics(hits),
        "test": metrics(hits),
        "cost": Cost(parameters=1000, train_seconds=3.0, train_images_per_second_end_to_end=70.0),
        "environment": MACHINE,
        "command": f"harness run {model}",
        "finished_at": "2026-01-02T03:04:05+00:00",
    }
    return RunRecord(**(values | changes))


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The store in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return Store(tmp_path / "results")


@pytest.fixture
def filled(store):
    """A store with one model that ran and was timed, and another one that failed."""
    made = record()
    store.save(made)
    for number in (1, 2):
        numbers = dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}
        store.append_epochs(made, Epoch(**numbers))
    rate = Rate(images_per_second=500.0, low=490.0, high=510.0, rounds=3)
    speed = SpeedRecord(
        key=made.speed_key,
        model="net",
        status="done",
        batch_size=8,
        precision="float32",
        device="cpu",
        threads=2,
        train_step=rate,
        inference={1: rate},
        latency_ms={"p50": 2.0},
        latency_samples=50,
        environment=MACHINE,
        measured_at="2026",
    )
    store.save_speed(speed)
    nothing = dict.fromkeys(("train", "valid", "test", "cost", "selected_epoch"))
    store.save(record("broken", status="failed", reason="training: it broke", **nothing))
    return store


def test_the_report_is_written_from_records_alone(filled, capsys):
    assert call(["report"]) == 0
    shown = capsys.readouterr().out
    assert "net" in shown
    assert "Report: results/report/index.html" in shown
    written = {path.name for path in filled.report_folder.iterdir()}
    assert {"index.html", "report.md", "comparison.csv", "per_class.csv", "runs.json"} <= written
    text = (filled.report_folder / "report.md").read_text()
    assert "training: it broke" in text


def test_the_report_is_the_same_when_it_is_written_again(filled):
    assert call(["report"]) == 0
    before = (filled.report_folder / "comparison.csv").read_bytes()
    assert call(["report"]) == 0
    assert (filled.report_folder / "comparison.csv").read_bytes() == before


def test_the_report_imports_no_torch(filled, tmp_path):
    code = (
        "import json, sys\n"
        "from harness.cli.main import call\n"
        "code = call(['report'])\n"
        "print()\n"
        "print(json.dumps([code, 'torch' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, False]


def test_the_files_are_written_though_nobody_reads_the_table(filled):
    """``harness report | head`` closes the pipe in the middle of the table."""
    code = "from harness.cli.main import main; main(['report'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(timeout=120) == 0
    assert (filled.report_folder / "index.html").is_file()


@pytest.mark.parametrize("folder", ["results", "empty"])
def test_a_folder_without_runs_is_one_line_and_code_2(store, folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert call(["report", "--results", folder]) == 2
    shown = capsys.readouterr().err
    assert shown == f"error: {folder} holds no runs; `harness run --all` makes some\n"
    assert list((tmp_path / "empty").iterdir()) == []


def test_garbage_is_looked_for_more_rarely_while_the_report_is_made(filled, monkeypatch):
    before, seen = gc.get_threshold(), []

    def look(*_, **__):
        seen.append(gc.get_threshold())

    monkeypatch.setattr("harness.cli.report.present", look)
    assert call(["report"]) == 0
    assert seen == [(100 * before[0], *before[1:])]
    assert gc.get_threshold() == before
    assert call(["report", "--results", "missing"]) == 2
    assert gc.get_threshold() == before


def test_the_report_goes_where_out_says(filled, tmp_path, capsys):
    assert call(["report", "--out", "elsewhere"]) == 0
    assert (tmp_path / "elsewhere" / "index.html").is_file()
    assert not filled.report_folder.exists()


def test_damaged_files_beside_a_record_are_warnings_and_stop_nothing(filled, capsys):
    other = record(key="other", seed=1)
    filled.save(other)
    folder = filled.run_folder(record())
    (folder / "epochs.jsonl").write_text("{}\n")
    (folder / "robustness.json").write_text("{")
    [speed] = (filled.root / "speed").rglob("*.json")
    speed.write_text(speed.read_text()[:100])
    assert call(["report"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "without it" in line]
    assert len(lines) == 3  # The speed is of two runs.
    for path, line in zip(
        (speed, folder / "epochs.jsonl", folder / "robustness.json"), lines, strict=True
    ):
        assert f"warning: {path.relative_to(filled.root.parent)} is " in line
        assert line.endswith("; the report goes without it")
    assert "remove it to have it anew" in lines[0]


@pytest.mark.parametrize("place", ["file/report", "file"])
def test_a_folder_that_cannot_be_is_one_sentence_before_the_table(filled, tmp_path, capsys, place):
    (tmp_path / "file").write_text("")
    assert call(["report", "--out", place]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert ("cannot write to" in err) == (place != "file")  # Of a file, click says so itself.
    assert f"{place}" in err
    assert "Traceback" not in err


def test_a_file_of_the_report_that_cannot_be_written_is_one_sentence(filled, tmp_path, capsys):
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    assert call(["report", "--out", "out"]) == 2
    assert (
        "error: cannot write to out: Is a directory; give another --out" in capsys.readouterr().err
    )


def test_a_damaged_record_is_a_warning(filled, capsys):
    path = filled.save(record("hurt")) / "record.json"
    path.write_text("{")
    assert call(["report"]) == 0
    shown = capsys.readouterr().err
    assert "warning: " in shown
    assert "is no RunRecord" in shown


def test_a_half_written_epoch_does_not_stop_the_report(filled):
    with (filled.run_folder(record()) / "epochs.jsonl").open("a") as file:
        file.write('{"epoch": 3, "tra')
    assert call(["report"]) == 0


@pytest.fixture
def two(filled):
    """A store with runs on two data sets, `birds` the later one."""
    filled.save(record("other", "birds", finished_at="2026-02-02T03:04:05+00:00"))
    return filled


def listed(store):
    rows = (store.report_folder / "comparison.csv").read_text().splitlines()[1:]
    return sorted(row.partition(",")[0] for row in rows)


def test_the_data_set_of_the_latest_run_is_reported(two, capsys):
    assert call(["report"]) == 0
    assert listed(two) == ["other"]
    assert "on birds; --dataset chooses another: pets\n" in capsys.readouterr().err


def test_a_data_set_can_be_chosen(two, capsys):
    assert call(["report", "--dataset", "pets"]) == 0
    assert listed(two) == ["broken", "net"]
    assert "chooses another" not in capsys.readouterr().err


def test_an_unknown_data_set_is_answered_by_the_nearest(two, capsys):
    assert call(["report", "--dataset", "bird"]) == 2
    expected = "error: --dataset: unknown data set 'bird'; did you mean 'birds'? valid: birds, pets"
    assert capsys.readouterr().err == f"{expected}\n"


def test_other_images_under_one_name_are_not_compared_and_that_is_said(filled, capsys):
    changed = record("other").dataset.model_copy(update={"fingerprint": "changed"})
    filled.save(record("other", dataset=changed, finished_at="2026-02-02"))
    assert call(["report", "--dataset", "pets"]) == 0
    assert listed(filled) == ["other"]
    assert "warning: 2 of 3 runs were made on other images" in capsys.readouterr().err


def test_the_same_images_under_another_name_are_another_data_set(filled, capsys):
    renamed = record("other").dataset.model_copy(update={"name": "cats"})
    filled.save(record("other", dataset=renamed, finished_at="2026-02-02"))
    assert call(["report"]) == 0
    assert listed(filled) == ["other"]
    assert "on cats; --dataset chooses another: pets\n" in capsys.readouterr().err


@pytest.fixture
def several(filled):
    """A store with further runs on the same data."""
    filled.save(record("net", seed=1))
    filled.save(record("newer", recipe_name="strong"))
    return filled


@pytest.mark.parametrize(
    ("words", "models"),
    [
        ([], ["broken", "net", "net", "newer"]),
        (["--model", "ne*"], ["net", "net", "newer"]),
        (["--model", "broken", "--model", "newer"], ["broken", "newer"]),
        (["--model", "ne*", "--seed", "0"], ["net", "newer"]),
        (["--recipe", "strong"], ["newer"]),
        (["net-pets-1", "newer"], ["net", "newer"]),
        (["net-pets-1", "newer", "--model", "net"], ["net"]),
    ],
)
def test_the_runs_that_are_compared_can_be_chosen(several, words, models):
    assert call(["report", *words]) == 0
    rows = json.loads((several.report_folder / "runs.json").read_text())["runs"]
    assert sorted(row["record"]["model"] for row in rows) == models


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model", "nett"], "no such runs in results; see `harness runs list`"),
        (["cat"], "no run has a key that begins with 'cat'"),
        (["ne"], "3 runs have keys that begin with 'ne'"),
    ],
)
def test_runs_that_are_not_there_are_one_sentence(several, words, sentence, capsys):
    assert call(["report", *words]) == 2
    assert sentence in capsys.readouterr().err


SECTIONS = """
from harness import hookimpl

@hookimpl
def harness_report_sections(records):
    {body}
"""


def test_a_plugin_adds_a_section(filled, tmp_path):
    (tmp_path / "extra.py").write_text(SECTIONS.format(body="return [('My part', 'my text')]"))
    assert call(["report", "-p", "extra.py"]) == 0
    text = (filled.report_folder / "report.md").read_text()
    assert "My part" in text
    assert "my text" in text


def test_a_section_that_raises_is_a_warning(filled, tmp_path, capsys):
    (tmp_path / "extra.py").write_text(SECTIONS.format(body="raise ValueError('no')"))
    assert call(["report", "-p", "extra.py"]) == 0
    expected = "warning: harness_report_sections of plugin extra raised ValueError: no\n"
    assert capsys.readouterr().err == expected


def test_images_of_other_data_are_refused_before_anything_is_written(filled, tiny, capsys):
    assert call(["report", "--images", str(tiny)]) == 2
    assert "holds other data" in capsys.readouterr().err
    assert not filled.report_folder.exists()


def test_images_are_shown_where_they_are_asked_for(store, tiny):
    words = ["--data", str(tiny), "-o", "epochs=0", "--engine", "inline"]
    assert call(["run", "convnet", *words]) == 0
    (page,) = (store.report_folder / "runs").iterdir()
    assert "Worst mistakes" in page.read_text()
    assert "data:image" not in page.read_text()
    assert call(["report", "--images", str(tiny)]) == 0
    shown = page.read_text()
    assert "data:image/png" in shown
    assert call(["run", "convnet", *words, "--images"]) == 0
    assert page.read_text().count("data:image/png") == shown.count("data:image/png")


def levels_in(store):
    text = (store.report_folder / "time_to_accuracy.csv").read_text()
    return [line.split(",")[-5:-3] for line in text.splitlines()]


def test_the_levels_that_time_is_taken_to_can_be_chosen(filled):
    assert call(["report", "--levels", "0.6, 0.25,0.6"]) == 0
    assert levels_in(filled) == [["level", "reached"], ["0.25", "True"], ["0.6", "False"]]
    assert "| 25 % ↓" in (filled.report_folder / "report.md").read_text()


@pytest.mark.parametrize("words", ["50", "0", "x", "0.5,", "0.5;0.6", "nan", "-0.1"])
def test_levels_that_are_no_accuracies_are_refused(filled, words, capsys):
    assert call(["report", "--levels", words]) == 2
    assert "expected accuracies above 0 and up to 1" in capsys.readouterr().err
    assert not filled.report_folder.exists()
