"""`harness bench` from its words to its exit code."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from harness.cli.benched import BenchDisplay
from harness.cli.main import call, cli
from harness.engines import InlineEngine
from harness.measure import rounds
from harness.schema import Event

QUICK = ["--batch-sizes", "1,2", "--shape", "1x16x16", "--classes", "3", "--threads", "1"]


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(rounds, "LONGEST_SLICE", 0.002)
    monkeypatch.setattr(rounds, "SHORTEST_SLICE", 0.002)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "bench"


def bench(*words: str, out: Path, engine: str = "inline", seconds: str = "0.3") -> int:
    common = [*QUICK, "--out", str(out), "--engine", engine, "--seconds", seconds]
    return call(["bench", *words, *common])


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "bench.csv").open() as file:
        return list(csv.DictReader(file))


def test_models_are_timed_and_every_file_says_the_same(out, write_plugin, linear, capsys):
    path = write_plugin("lin", linear, "recipe=Recipe(batch_size=8)")
    assert bench("lin[width=4]", "lin", "-p", str(path), out=out) == 0
    found = rows(out)
    assert [(row["model"], row["mode"], row["batch_size"]) for row in found] == [
        (model, mode, size)
        for model in ("lin[width=4]", "lin")
        for mode, size in (("inference", "1"), ("inference", "2"), ("training", "8"))
    ]
    document = json.loads((out / "bench.json").read_text())
    rates = [one["images_per_second"] for one in document["results"]]
    assert rates == [float(row["images_per_second"]) for row in found]
    assert document["environment"]["torch"]
    assert document["command"].startswith("harness bench 'lin[width=4]' lin -p PATH/TO/lin.py")
    assert str(out) not in json.dumps(document)
    assert (out / "throughput.png").is_file()
    shown = capsys.readouterr()
    assert "lin[width=4]" in shown.out
    assert f"Bench: {out / 'bench.md'}" in shown.out
    assert "warming up: lin float32" in shown.err or "warming up: lin bfloat16" in shown.err


def test_json_is_all_that_a_script_reads(out, write_plugin, linear, capsys):
    path = write_plugin("lin", linear)
    words = ("lin", "-p", str(path), "--json", "--no-training", "--precisions", "float32,auto")
    assert bench(*words, out=out) == 0
    document = json.loads(capsys.readouterr().out)
    assert {one["mode"] for one in document["results"]} == {"inference"}
    assert document["results"][0]["precision"] == "float32"
    names = [(one["precision"], one["batch_size"]) for one in document["results"]]
    assert len(set(names)) == len(names)


def test_a_broken_model_is_a_row_with_a_reason_and_the_exit_code_says_so(
    out, write_plugin, linear, capsys
):
    paths = write_plugin("lin", linear), write_plugin("bad", "raise ValueError('no luck')")
    words = [word for path in paths for word in ("-p", str(path))]
    assert bench("lin", "bad", *words, out=out) == 1
    by_model = {row["model"]: row for row in rows(out)}
    assert by_model["lin"]["status"] == "done"
    assert by_model["bad"]["reason"] == "building the model: ValueError: no luck"
    assert "bad (3 cases) failed: building the model: ValueError: no luck" in (
        " ".join(capsys.readouterr().out.split())
    )


def test_a_plugin_that_cannot_be_loaded_is_said_and_the_others_are_timed(
    out, write_plugin, linear, tmp_path
):
    torn = tmp_path / "torn.py"
    torn.write_text("def")
    path = write_plugin("lin", linear)
    assert bench("lin", "-p", str(path), "-p", str(torn), out=out) == 1
    assert {row["status"] for row in rows(out)} == {"done"}
    assert "torn" in (out / "bench.md").read_text()


def test_what_is_unsupported_is_no_failure(out, write_plugin, linear):
    path = write_plugin("lin", linear, "supports=lambda shape, classes: 'needs 32 pixels'")
    assert bench("lin", "-p", str(path), out=out) == 0
    assert {row["status"] for row in rows(out)} == {"unsupported"}


def test_size_and_classes_come_from_the_data(out, tiny, write_plugin, linear, capsys):
    path = write_plugin("lin", linear)
    words = ["bench", "lin", "-p", str(path), "--out", str(out), "--engine", "inline"]
    words += ["--batch-sizes", "1", "--seconds", "0.1", "--data", str(tiny)]
    assert call(words) == 0
    document = json.loads((out / "bench.json").read_text())
    assert (document["input_shape"], document["classes"]) == ([1, 16, 16], 3)
    assert call([*words, "--classes", "4"]) == 2
    assert "leave --shape and --classes out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name the models to run, or give --all"),
        (["vgg", "--backends", "eagre"], "did you mean 'eager'"),
        (["vgg", "--precisions", "float16"], "--precisions: unknown word 'float16'"),
        (["vgg", "--batch-sizes", "0"], "--batch-sizes 0: give different numbers"),
        (["vgg", "--shape", "48"], "--shape 48: give channels"),
        (["vgg", "--seconds", "0"], "'--seconds'"),
        (["vgg", "--seconds", "inf"], "'--seconds': inf is no finite number"),
        (["vgg", "--width", "nan"], "'--width': nan is no finite number"),
        (["vgg", "--data", ""], "--data is empty"),
        (["vgg[wide=3]"], "unknown argument 'wide'"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_leaves_nothing(words, message, tmp_path, capsys):
    assert call(["bench", *words, "--out", str(tmp_path / "bench")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "bench").exists()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_timed(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert call(["bench", "vgg", "--out", str(tmp_path / "file" / "bench")]) == 2
    err = capsys.readouterr().err
    assert "give another --out" in err
    assert "timing" not in err


def test_a_file_that_cannot_be_written_is_one_sentence(out, write_plugin, linear, capsys):
    path = write_plugin("lin", linear)
    (out / "bench.csv").mkdir(parents=True)
    assert bench("lin", "-p", str(path), out=out) == 2
    shown = capsys.readouterr()
    assert f"cannot write to {out}" in shown.err
    # What was measured is not lost.
    assert "Images per second: medians over interleaved rounds" in " ".join(shown.out.split())


def test_in_a_child_process_a_planted_load_is_said(out, write_plugin, linear, capsys):
    path = write_plugin("lin", linear)
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as load:
        try:
            words = ("lin", "-p", str(path), "--width", "1e-6")
            assert bench(*words, out=out, engine="process", seconds="3") == 0
        finally:
            load.kill()
    notes = json.loads((out / "bench.json").read_text())["notes"]
    assert any(note.startswith("the machine was not idle: other processes") for note in notes)
    assert "the machine was not idle" in capsys.readouterr().out
    assert (out / "log.txt").is_file()


def test_ctrl_c_ends_it_and_says_that_nothing_was_written(
    out, write_plugin, linear, capsys, monkeypatch
):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(InlineEngine, "bench", interrupted)
    assert bench("lin", "-p", str(write_plugin("lin", linear)), out=out) == 130
    assert capsys.readouterr().err.endswith("stopped; nothing was written\n")
    assert not (out / "bench.json").exists()


def test_on_a_terminal_one_line_says_how_far_it_is(make_bench_spec, write_plugin, linear):
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear),))
    screen = io.StringIO()
    screen.isatty = lambda: True
    console = Console(file=screen, force_terminal=True, width=100, record=True)
    progress = BenchDisplay(console, spec)
    with progress:
        progress.hear(Event(kind="stage", text="compiling", owner="lin"))
        progress.hear(Event(kind="stage", text="round 3, 1 of 3 narrow", number=3, fraction=0.5))
        progress.hear(Event(kind="stage", text="timing", owner="lin"))
        assert progress._status.status == "round 3, 1 of 3 narrow, 50 % of the time …"
    assert "leave the machine alone" in console.export_text()


def test_without_a_terminal_every_tenth_round_is_a_line(
    make_bench_spec, write_plugin, linear, capsys
):
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear),))
    with BenchDisplay(Console(stderr=True, force_terminal=False), spec) as progress:
        for number in range(1, 22):
            progress.hear(Event(kind="stage", text=f"round {number}", number=number))
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:] == ["round 1", "round 11", "round 21"]


def test_help_says_how_it_is_used() -> None:
    text = CliRunner().invoke(cli, ["bench", "--help"]).output
    assert "harness bench --all" in text
    assert "results/bench" in text


def test_bfloat16_that_is_only_emulated_is_a_warning(
    out, write_plugin, linear, capsys, monkeypatch
):
    monkeypatch.setattr("harness.tensors.device.has_bfloat16", lambda device: False)
    path = write_plugin("lin", linear)
    assert bench("lin", "-p", str(path), "--precisions", "float32", out=out) == 0
    assert "only emulates" not in capsys.readouterr().err
    assert bench("lin", "-p", str(path), "--precisions", "float32,bfloat16", out=out) == 0
    assert "this processor only emulates bfloat16" in capsys.readouterr().err


def test_a_folder_whose_name_is_no_text_is_refused(capsys):
    place = os.fsdecode(b"b\xe9")
    assert call(["bench", "convnet", "--out", place]) == 2
    assert "no UTF-8" in capsys.readouterr().err
