"""Recipes that learn from finished runs, which are named by the beginnings of their keys."""

import shlex
import shutil

import numpy as np
import pytest

from harness.errors import RequestError


@pytest.fixture
def teachers(plan, store, keep):
    """Two finished runs on the tiny data, with what they predict of its training images."""
    found = []
    for run in plan("net", seeds=(0, 1)).runs:
        keep(store, run.spec)
        path = store.run_folder(run.spec) / "train_predictions.npz"
        np.savez(path, probabilities=np.full((96, 3), 1 / 3, dtype=np.float16))
        found.append(run.spec)
    return found


def test_a_teacher_is_known_by_twelve_digits_however_it_was_written(plan, teachers, only):
    one, two = sorted(spec.key for spec in teachers)
    words = (f"{one[:5]}+{two[:9]}", f"{two}+{one}+{two[:7]}")
    specs = [only(plan("short", options=(f"teachers={word}",))) for word in words]
    assert [spec.recipe.teachers for spec in specs] == [f"{one[:12]}+{two[:12]}"] * 2
    assert specs[0].overrides == {"teachers": f"{one[:12]}+{two[:12]}"}
    assert specs[0].key == specs[1].key


def test_other_teachers_are_another_run(plan, teachers):
    grid = f"teachers={teachers[0].key[:8]}|{teachers[1].key[:8]}"
    specs = [run.spec for run in plan("short", options=(grid,)).runs]
    (plain,) = plan("short").runs
    assert len({plain.spec.key, *(spec.key for spec in specs)}) == 3
    # It takes as long to time as any other.
    assert {spec.speed_key for spec in specs} == {plain.spec.speed_key}


def test_a_run_that_lies_there_twice_is_one_teacher(plan, teachers, store, only):
    """The same data under two names, the first of which has lost what was predicted."""
    own = store.run_folder(teachers[0])
    copy = store.root / "runs" / "another" / "net" / own.name
    shutil.copytree(own, copy)
    (copy / "train_predictions.npz").unlink()
    made = only(plan("short", options=(f"teachers={teachers[0].key[:8]}",)))
    assert made.recipe.teachers == teachers[0].key[:12]
    assert store.folders_of_key(teachers[0].key, "train_predictions.npz") == [own, copy]


def test_its_command_repeats_a_run_with_teachers(plan, teachers, only):
    made = only(plan("short", options=(f"teachers={teachers[0].key[:5]}",)))
    words = shlex.split(made.command)
    again = only(plan("short", options=[words[words.index("-o") + 1]]))
    assert again.key == made.key


@pytest.mark.parametrize("word", ["xyz1", "abc", "abcd+", "abcd abcd", "ABCD"])
def test_what_is_no_key_is_refused(plan, word):
    with pytest.raises(RequestError, match=r"teachers: needs keys of four digits or more"):
        plan("net", options=(f"teachers={word}",))


def test_a_key_that_no_run_has_is_refused(plan, teachers, store):
    with pytest.raises(RequestError, match=r"-o teachers: 0+ begins no key of a run in .*results"):
        plan("net", options=(f"teachers={'0' * 20}",))
    # The folder's name has twelve digits, and the others count as well.
    wrong = teachers[0].key[:12] + "".join("0" if x == "f" else "f" for x in teachers[0].key[12:20])
    with pytest.raises(RequestError, match="begins no key of a run"):
        plan("net", options=(f"teachers={wrong}",))


def test_a_beginning_that_two_keys_share_is_refused(plan, teachers, store, keep):
    twin = teachers[0].model_copy(update={"key": teachers[0].key[:8] + "0" * 56})
    keep(store, twin)
    with pytest.raises(RequestError, match=r"begins the keys of 2 runs: \w{12}, \w{12}"):
        plan("net", options=(f"teachers={twin.key[:8]}",))


@pytest.mark.parametrize("status", ["failed", "unsupported"])
def test_a_run_that_is_not_done_is_no_teacher(plan, spec, store, keep, status):
    keep(store, spec, status=status)
    with pytest.raises(RequestError, match=f"is {status}, expected a run that is done"):
        plan("short", options=(f"teachers={spec.key[:8]}",))


def test_a_run_on_other_data_is_no_teacher(plan, spec, store, keep):
    card = spec.dataset.model_copy(update={"fingerprint": "f" * 64})
    keep(store, spec.model_copy(update={"dataset": card}))
    with pytest.raises(RequestError, match=r"was made on other data \(tiny, fingerprint ffffffff"):
        plan("short", options=(f"teachers={spec.key[:8]}",))


@pytest.mark.parametrize(
    "array",
    [
        None,
        np.zeros((95, 3), np.float16),
        np.zeros((96, 3), np.float32),
        np.full((96, 3), np.nan, np.float16),
    ],
)
def test_a_run_whose_predictions_are_not_there_or_not_right_is_no_teacher(
    plan, spec, store, keep, array
):
    keep(store, spec)
    if array is not None:
        np.savez(store.run_folder(spec) / "train_predictions.npz", probabilities=array)
    with pytest.raises(
        RequestError, match=r"train_predictions\.npz .*--force. makes the run again"
    ):
        plan("short", options=(f"teachers={spec.key[:8]}",))


def test_a_share_without_teachers_and_targets_beside_nothing_are_refused(plan, teachers):
    with pytest.raises(RequestError, match="teacher_share: has no effect with no teachers"):
        plan("net", options=("teacher_share=0.5",))
    key = f"teachers={teachers[0].key[:8]}"
    with pytest.raises(RequestError, match="targets: has no effect with teacher_share=1"):
        plan("short", options=(key, "targets=votes"))
