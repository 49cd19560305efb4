import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from harness.cli.main import call, cli
from harness.versus.gates import Gates
from harness.versus.side import open_side
from harness.versus.verdicts import verdicts_of
from harness.versus.write import rows


@pytest.fixture
def run(sides, monkeypatch, capsys):
    """Return the exit code and the output of `harness compare` on the two stores."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words):
        code = call(["compare", *map(str, sides), *words])
        return code, capsys.readouterr()

    return run


@pytest.fixture
def worse(sides, add_run):
    """The second side is worse in quality and speed."""
    add_run(sides[0], skill=0.8, rate=100.0)
    add_run(sides[1], skill=0.6, rate=50.0)


@pytest.mark.usefixtures("worse")
def test_the_verdicts_are_a_table_and_change_no_exit_code_by_themselves(run):
    code, told = run()
    assert code == 0
    assert "after against before" in told.out
    assert "▼ worse" in told.out
    assert "accuracy %" in told.out
    assert "−50.0 %" in told.out
    assert "exact McNemar's test of two weight files (seeds 0 and 0)" in told.out
    assert told.err == ""


@pytest.mark.usefixtures("worse")
@pytest.mark.parametrize(
    "gate",
    [
        ["--fail-on", "worse"],
        ["--min", "accuracy=0.7"],
        ["--max-drop", "uar=0.01"],
        ["--max-drop", "train_images_per_second=5%"],
        ["--max", "latency_p50_ms=15"],
    ],
)
def test_a_gate_that_is_not_passed_exits_with_1_and_says_which(run, gate):
    code, told = run(*gate)
    assert code == 1
    assert f"gate: {gate[0]}" in told.err


def test_the_clean_test_has_gates_of_its_own(run, sides, add_run):
    clean = np.arange(600) < 300
    add_run(sides[0], skill=0.8, clean=clean)
    add_run(sides[1], skill=0.6, clean=clean)
    add_run(sides[1], "new", skill=0.6)
    code, told = run("--max-drop", "uar_clean=0.05", "--min", "accuracy_clean=0.5")
    assert code == 1
    gates = [line for line in told.err.splitlines() if line.startswith("gate: ")]
    assert [line.partition(":")[2].split()[0] for line in gates] == ["--max-drop", "--min"]
    assert "new: accuracy_clean is not known (could not be judged)" in gates[1]
    assert "clean accuracy %" in told.out


@pytest.mark.usefixtures("worse")
@pytest.mark.parametrize(
    "gate",
    [
        ["--fail-on", "inconclusive", "--min", "accuracy=0.5"],
        ["--max-drop", "accuracy=0.5", "--max-drop", "latency_p50_ms=150%"],
    ],
)
def test_gates_that_are_passed_exit_with_0(run, gate, sides, add_run):
    if "inconclusive" in gate:
        for side in sides:
            for seed in (1, 2):
                add_run(side, skill=0.8 if side == sides[0] else 0.6, seed=seed)
    code, told = run(*gate)
    assert (code, told.err) == (0, "")


def test_a_gate_that_cannot_be_judged_exits_with_1(run, sides, add_run):
    add_run(sides[0], predictions=False)
    add_run(sides[1])
    code, told = run("--max-drop", "accuracy=0.5")
    assert code == 1
    assert "(could not be judged)" in told.err


@pytest.mark.usefixtures("worse")
def test_json_holds_every_judgement_and_every_fall(run):
    code, told = run("--json", "--fail-on", "worse")
    found = json.loads(told.out)
    assert code == 1
    assert found["passed"] is False
    by_metric = {one["metric"]: one for one in found["judgements"]}
    assert set(by_metric) == {
        "accuracy",
        "uar",
        "macro_f1",
        "train_images_per_second",
        "inference_images_per_second",
        "latency_p50_ms",
    }
    assert by_metric["accuracy"]["verdict"] == "worse"
    assert by_metric["train_images_per_second"]["difference"] == -0.5
    assert len(found["falls"]) == 4


@pytest.mark.usefixtures("worse")
def test_markdown_is_written_for_a_pull_request(run, tmp_path):
    path = tmp_path / "out" / "comment.md"
    code, _ = run("--markdown", str(path), "--min", "accuracy=0.7")
    text = path.read_text()
    assert code == 1
    assert text.startswith("### after against before\n\n| model")
    assert "| net     | accuracy %" in text
    assert "**Gates not passed**\n\n- --min accuracy=0.7 net: accuracy is 0." in text


@pytest.mark.usefixtures("worse")
def test_what_is_on_one_side_only_is_said(run, sides, add_run):
    add_run(sides[0], "old[x]")
    add_run(sides[1], "new")
    _, told = run()
    assert "Only in before: old[x]." in told.out
    assert "Only in after: new." in told.out


def test_nothing_in_common_is_a_wrong_request(run, sides, add_run):
    for name in ("a", "b"):
        add_run(sides[0], name)
    add_run(sides[1], "c")
    code, told = run()
    assert code == 2
    assert "have no configuration in common: a, b against c; `harness runs export` two" in told.err


def test_sides_of_one_name_are_called_by_their_paths(tmp_path, add_run, capsys):
    for parent in ("main", "mine"):
        add_run(tmp_path / parent / "results")
    call(["compare", str(tmp_path / "main" / "results"), str(tmp_path / "mine" / "results")])
    assert "mine/results against" in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize("words", [["--min", "acc=1"], ["--max-drop", "accuracy=-1"]])
@pytest.mark.usefixtures("worse")
def test_a_limit_that_is_none_is_a_wrong_request(run, words):
    code, told = run(*words)
    assert code == 2
    assert "error: " in told.err


def test_help_teaches_the_gates():
    told = CliRunner().invoke(cli, ["compare", "--help"]).output
    assert "--max-drop" in told
    assert "1 a gate fell short" in told


@pytest.mark.usefixtures("worse")
def test_a_comment_that_cannot_be_written_names_its_option(run, tmp_path):
    (tmp_path / "file").write_text("")
    code, told = run("--markdown", str(tmp_path / "file" / "comment.md"))
    assert code == 2
    assert "give another --markdown" in told.err


@pytest.mark.usefixtures("worse")
def test_a_comment_goes_where_a_link_points_to_and_into_what_is_no_file(run, tmp_path):
    (tmp_path / "link.md").symlink_to(tmp_path / "real.md")
    assert run("--markdown", str(tmp_path / "link.md"))[0] == 0
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text().startswith("### after against before")
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run("--markdown", str(tmp_path / "pipe"))[0] == 0
    assert os.read(pipe, 100).startswith(b"### after against before")
    os.close(pipe)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.usefixtures("worse")
def test_sides_whose_names_are_no_utf8_are_compared(sides, tmp_path):
    odd = sides[1].rename(tmp_path / "after\udcff")
    assert call(["compare", str(sides[0]), str(odd), "--markdown", str(tmp_path / "c.md")]) == 0
    assert "after\\udcff" in (tmp_path / "c.md").read_text()


@pytest.mark.parametrize("words", [["", "x"], ["x", ""], ["x", "y", "--markdown", ""]])
def test_an_empty_path_is_a_mistake_and_not_the_working_folder(words, capsys):
    assert call(["compare", *words]) == 2
    assert "it is empty, expected a path (is a variable unset?)" in capsys.readouterr().err


@pytest.mark.usefixtures("worse")
def test_the_comment_is_written_though_nobody_reads_the_table(sides, tmp_path):
    """``harness compare … | head`` closes the pipe in the middle of the table."""
    words = ["compare", *map(str, sides), "--markdown", str(tmp_path / "c.md")]
    code = f"from harness.cli.main import main; main({words})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(timeout=120) == 0
    assert (tmp_path / "c.md").is_file()


@pytest.mark.usefixtures("worse")
def test_a_narrow_terminal_cuts_no_number_short(run, sides, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    _, told = run()
    shown = verdicts_of(*sides, Gates()).shown
    cells = {cell for row in rows(shown) for cell in row[1:]}
    assert [cell for cell in cells if cell not in told.out] == []


def test_a_note_names_the_models_that_it_is_about(run, sides, add_run):
    for side in sides:
        add_run(side, "timed", rate=100.0)
        add_run(side, "half", rate=50.0 if side == sides[0] else None)
    _, told = run()
    assert "latency p50 ms of half: a side was not timed." in told.out
    assert (
        "UAR %, macro-F1 %: fewer than 3 seeds on a side; the values are of the same files."
        in told.out
    )


@pytest.mark.usefixtures("worse")
def test_runs_that_were_left_out_are_told(run, sides, add_run):
    add_run(sides[0], seed=1, status="failed", reason="it broke")
    (add_run(sides[1], seed=1) / "record.json").write_text("{")
    _, told = run()
    assert "Left out of before: 1 run without a result." in told.out
    assert "Left out of after: " in told.out
    assert "record.json" in told.out
    assert len(json.loads(run("--json")[1].out)["left_out"]) == 2


def test_a_gate_looks_at_the_mean_over_seeds_where_a_verdict_is_on_one(run, sides, add_run):
    add_run(sides[0], skill=0.8)
    for seed, skill in ((0, 0.9), (1, 0.5)):
        add_run(sides[1], skill=skill, seed=seed)
    assert run("--min", "accuracy=0.6")[0] == 0
    code, told = run("--min", "accuracy=0.8")
    assert code == 1
    assert "accuracy is 0.69" in told.err
    assert run("--max-drop", "accuracy=0.05")[0] == 1


def test_a_gate_looks_at_all_seeds_those_without_predictions_too(run, sides, add_run):
    for seed in range(3):
        add_run(sides[0], skill=0.8, seed=seed)
        add_run(sides[1], skill=0.8, seed=seed)
    (add_run(sides[1], skill=0.3, seed=3) / "predictions.npz").unlink()
    assert run("--min", "accuracy=0.6")[0] == 0
    code, told = run("--min", "accuracy=0.75")
    assert code == 1
    assert "without seed 3" in " ".join(told.out.split())
    assert "accuracy is 0.6" in told.err


def test_without_predictions_no_verdict_is_passed(run, sides, add_run):
    for side in sides:
        folder = add_run(side)
    assert run("--fail-on", "worse")[0] == 0
    (folder / "predictions.npz").unlink()
    code, told = run("--fail-on", "worse")
    assert code == 1
    assert "accuracy is not comparable" in told.err


def test_the_latest_code_without_a_result_passes_no_gate_and_is_said(run, sides, add_run):
    for name in ("net", "other"):
        for side in sides:
            add_run(side, name)
    plugin = open_side(sides[1]).results[0].record.plugin.model_copy(update={"sha256": "2" * 64})
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[1], plugin=plugin, finished_at="2027-01-01T00:00:00+00:00", **failed)
    code, told = run("--fail-on", "worse")
    assert code == 1
    assert "is missing on the second side" in told.err
    out = " ".join(told.out.split())
    assert "net: its last runs in" in out
    assert "have no result, and those of other code before them do not stand for it" in out


@pytest.mark.parametrize("before", [(0, 1), (1,)])
def test_where_neither_side_has_a_result_of_the_latest_code_no_gate_is_passed(
    run, sides, add_run, before
):
    add_run(sides[0], "other")
    add_run(sides[1], "other")
    plugin = open_side(sides[1]).results[0].record.plugin.model_copy(update={"sha256": "2" * 64})
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    for side in before:
        add_run(sides[side])
        add_run(sides[side], plugin=plugin, finished_at="2027-01-01T00:00:00+00:00", **failed)
    code, told = run("--min", "accuracy=0.1")
    assert code == 1
    assert "net: is missing on the second side" in " ".join(told.err.split())


def test_where_nothing_is_left_of_the_latest_code_that_is_the_error(run, sides, add_run):
    for side in sides:
        add_run(side)
    plugin = open_side(sides[1]).results[0].record.plugin.model_copy(update={"sha256": "2" * 64})
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[1], plugin=plugin, finished_at="2027-01-01T00:00:00+00:00", **failed)
    code, told = run()
    assert code == 2
    assert "have no configuration in common: net against none; net: its last runs" in told.err


def test_a_first_side_whose_latest_code_failed_passes_no_gate_that_compares(run, sides, add_run):
    for side in sides:
        add_run(side)
        add_run(side, "other")
    plugin = open_side(sides[0]).results[0].record.plugin.model_copy(update={"sha256": "2" * 64})
    failed = {"status": "failed", "reason": "no", "test": None, "key": "2" * 16}
    add_run(sides[0], plugin=plugin, finished_at="2027-01-01T00:00:00+00:00", **failed)
    code, told = run("--fail-on", "worse")
    assert code == 1
    assert "net: has no result of its latest code on the first side (could not" in told.err
    assert "net: its last runs in" in " ".join(told.out.split())
    assert run("--min", "accuracy=0.1")[0] == 0


def test_a_new_model_is_held_to_the_bounds(run, sides, add_run):
    for side in sides:
        add_run(side, skill=0.8)
        add_run(side, "more", skill=0.8)
    add_run(sides[1], "bad", skill=0.2)
    code, told = run("--min", "accuracy=0.6")
    assert code == 1
    assert "bad: accuracy is 0." in told.err
    assert run("--fail-on", "worse", "--fail-on", "not-comparable", "--min", "uar=0.1")[0] == 0


def test_what_is_left_out_and_what_computes_otherwise_is_told(sides, add_run):
    add_run(sides[0], "net")
    add_run(sides[0], "other")
    for model in ("net", "other"):
        add_run(sides[1], model, precision="bfloat16")
    add_run(sides[1], "other", key="a" * 16)
    found = verdicts_of(*sides, Gates())
    reasons = {one.label: one.reason for one in found.judgements if one.metric == "accuracy"}
    assert "float32 against bfloat16" in reasons["net"]
    assert "bfloat16" not in reasons["other"]
    [left_out] = [sentence for sentence in found.left_out if "other" in sentence]
    assert left_out.startswith("Left out of after: 1 run of other under another device")


def test_results_of_other_code_are_said_to_be_left_out(run, sides, add_run):
    for side in sides:
        add_run(side)
    plugin = open_side(sides[1]).results[0].record.plugin.model_copy(update={"sha256": "2" * 64})
    add_run(sides[1], plugin=plugin, key="2" * 16, finished_at="2027-01-01T00:00:00+00:00")
    _, told = run()
    assert (
        "Left out of after: 1 run of net by other code or on other data than those that ended last."
        in " ".join(told.out.split())
    )
