"""Distillation as a user does it: look up the keys of finished runs, and learn from them."""

import json

from harness.cli.main import call
from harness.store import Store

WORDS = ("fastnet", "-o", "epochs=1", "--no-speed")


def test_a_student_learns_from_finished_runs_and_is_known_by_their_keys(run, results, tiny, capsys):
    keys = [one.key for _, one in Store(results).list_runs().records if one.model == "convnet"]
    words = (*WORDS, "-o", f"teachers={keys[1][:7]}+{keys[0][:5]}")
    assert run(results, tiny, *words, "--dry-run") == 0
    short = "+".join(sorted(key[:4] for key in keys))
    assert f"teachers={short} 1 new" in " ".join(capsys.readouterr().out.split())
    assert run(results, tiny, *words) == 0
    out = capsys.readouterr().out
    assert "Training time of a model with teachers is its own" in " ".join(out.split())
    assert call(["runs", "list", "--json", "--results", str(results)]) == 0
    rows = json.loads(capsys.readouterr().out)
    (student,) = [row for row in rows if "teachers" in row["overrides"]]
    assert student["overrides"]["teachers"] == "+".join(sorted(key[:12] for key in keys))
    assert student["status"] == "done"


def test_a_teacher_that_is_not_there_is_one_sentence(run, results, tiny, capsys):
    assert run(results, tiny, *WORDS, "-o", "teachers=0bad0") == 2
    assert "-o teachers: 0bad0 begins no key of a run in" in capsys.readouterr().err
    assert not list(results.glob("runs/*/fastnet"))
