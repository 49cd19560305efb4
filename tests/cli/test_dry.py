"""`harness run --dry-run`: what would run, and about how long."""

import re

import pytest

from harness.cli.main import call
from harness.store import Store


def test_a_dry_run_says_what_would_run_why_and_how_long_and_runs_nothing(
    run, results, tiny, capsys
):
    capsys.readouterr()
    words = ["convnet", "vgg[width=8]", "-o", "epochs=1|50000", "--seeds", "1", "--dry-run"]
    assert run(results, tiny, *words) == 0
    out = capsys.readouterr().out
    assert "reused" in out
    assert "3 of 4 runs to make, about " in out
    assert "nothing tells how long 2 of them" in " ".join(out.split())
    assert len(Store(results).list_runs().records) == 3


def test_a_dry_run_needs_no_time_for_weights_that_are_reused(run, results, tiny, capsys):
    capsys.readouterr()
    words = ["convnet", "-o", "epochs=1", "-o", "tta=flip", "--dry-run"]
    assert run(results, tiny, *words) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "weights reused from" in out
    assert "1 of 1 runs to make" in out
    assert "of training" not in out


def test_a_dry_run_counts_once_what_trains_alike(run, results, tiny, capsys):
    def told(*words):
        capsys.readouterr()
        assert run(results, tiny, "convnet", "-o", "epochs=50000", "--dry-run", *words) == 0
        return capsys.readouterr().out.rpartition("about ")[2]

    assert told("-o", "tta=none|flip|views10") == told()
    # With --force nobody takes over anything.
    assert told("-o", "tta=none|flip", "--force") == told("--seeds", "2", "--force")


def test_a_dry_run_with_force_counts_no_epochs_that_will_be_thrown_away(
    run, results, tiny, capsys, monkeypatch
):
    words = ["convnet", "-o", "epochs=50000", "--force", "--dry-run"]
    monkeypatch.setattr(Store, "checkpointed", lambda store, spec: True)
    monkeypatch.setattr(Store, "epochs", lambda store, spec: pytest.fail("it is thrown away"))
    capsys.readouterr()
    assert run(results, tiny, *words) == 0
    assert "1 of 1 runs to make, about " in capsys.readouterr().out


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_dry_run_counts_with_the_runs_at_a_time(jobs, results, tiny, capsys):
    capsys.readouterr()
    words = ["convnet", "-o", "epochs=50000", "--seeds", "2", "--data", str(tiny)]
    words += ["--results", str(results), "--threads", "1", "--precision", "float32"]
    assert call(["run", *words, "--jobs", str(jobs), "--dry-run"]) == 0
    out = capsys.readouterr().out
    each = {line.split("  ")[-1].strip() for line in out.splitlines() if "seed" in line}
    told = set(re.findall("about (.*) of training", out))
    assert len(each) == len(told) == 1, out
    assert (told == each) == (jobs == 2), out


def test_a_dry_run_says_what_cannot_be_loaded(run, results, tiny, tmp_path, capsys):
    (tmp_path / "torn.py").write_text("import nothinghere\n")
    words = ["convnet", "-p", str(tmp_path / "torn.py"), "-o", "epochs=1", "--dry-run"]
    assert run(results, tiny, *words) == 0
    assert "plugin torn: failed: ModuleNotFoundError" in capsys.readouterr().out


def test_a_dry_run_with_force_counts_all_robustness_anew(run, results, tiny, capsys, monkeypatch):
    monkeypatch.setattr(Store, "robustness", lambda store, spec: "there")
    for force, left in (([], 0), (["--force"], 1)):
        capsys.readouterr()
        words = ["convnet", "-o", "epochs=1", "--robustness", "--dry-run", *force]
        assert run(results, tiny, *words) == 0
        assert f"{left} of 1 to evaluate on corrupted images" in capsys.readouterr().out
