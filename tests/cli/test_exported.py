"""`harness runs export`: a copy of stored runs to be published."""

import pytest

from harness.cli.main import call
from harness.store import Store


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
