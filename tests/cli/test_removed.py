"""`harness runs rm`: stored runs out of the store, those that were meant and no other."""

import io
import shutil
import subprocess
import sys

import pytest

from harness.cli.main import call
from harness.store import Store


class Terminal(io.StringIO):
    """Standard input that says to be a terminal."""

    def isatty(self):
        return True


def test_removing_asks_first_and_removes_just_what_was_meant(results, listed, monkeypatch):
    monkeypatch.setattr("click.confirm", lambda *_: False)
    assert call(["runs", "rm", "--status", "failed", "--results", str(results)]) == 0
    assert len(listed(results)) == 3
    assert call(["runs", "rm", "--status", "failed", "-y", "--results", str(results)]) == 0
    rows = listed(results)
    assert [row["status"] for row in rows] == ["done", "done"]
    assert call(["runs", "rm", rows[0]["key"], "-y", "--results", str(results)]) == 0
    assert [row["key"] for row in listed(results)] == [rows[1]["key"]]


def keys(rows):
    return [row["key"] for row in rows]


def test_a_run_that_is_named_but_not_meant_by_the_options_is_kept(results, listed, capsys):
    before = keys(listed(results))
    words = ["runs", "rm", "-y", "--status", "failed", "--results", str(results)]
    assert call([*words, before[0]]) == 0
    assert "no such runs" in capsys.readouterr().out
    assert keys(listed(results)) == before
    assert call([*words, before[0], before[2]]) == 0
    assert keys(listed(results)) == before[:2]


def test_a_run_that_is_named_twice_is_removed_once(results, listed):
    first, *others = keys(listed(results))
    assert call(["runs", "rm", "-y", first, first[:8], "--results", str(results)]) == 0
    assert keys(listed(results)) == others


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


@pytest.mark.parametrize(
    ("stdin", "code", "sentence"),
    [
        (io.StringIO(), 2, "error: nothing was removed, since nobody answered; -y removes without"),
        (Terminal(), 130, "stopped; give the same command again"),
    ],
)
def test_where_nobody_answers_nothing_goes(
    results, listed, capsys, monkeypatch, stdin, code, sentence
):
    before = keys(listed(results))
    monkeypatch.setattr("sys.stdin", stdin)
    assert call(["runs", "rm", "--status", "failed", "--results", str(results)]) == code
    assert sentence in capsys.readouterr().err
    assert keys(listed(results)) == before


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


def test_a_copy_of_a_run_is_told_of_and_not_taken_for_it(results, capsys):
    folder, record = Store(results).list_runs().records[0]
    shutil.copytree(folder, folder.with_name(f"{folder.name}-copy"))
    assert call(["runs", "rm", record.key, "-y", "--results", str(results)]) == 0
    told = capsys.readouterr()
    assert "-copy/record.json is of another folder's run" in told.err
    assert told.out.count("removed ") == 1
    assert not folder.exists()
