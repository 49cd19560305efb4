"""Runs that learn from what others predict of the training images."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from harness.data.splits import open_splits
from harness.execute import execute_run
from harness.execute.teachers import predicted_by_teachers
from harness.schema import RunRecord, RunSpec
from harness.store import Store

OPTIONS = ("epochs=3", "batch_size=32", "augment=none", "learning_rate=0.05")


def made(spec: RunSpec) -> RunRecord:
    return execute_run(spec, lambda event: None, own_process=False)


def folder(spec: RunSpec) -> Path:
    return Store(Path(spec.store)).run_folder(spec)


def weights(spec: RunSpec) -> dict[str, torch.Tensor]:
    return load_file(folder(spec) / "model.safetensors")


def teach(spec: RunSpec, probabilities: np.ndarray) -> None:
    """Leave these probabilities of the training images as what a run predicts of them."""
    np.savez(folder(spec) / "train_predictions.npz", probabilities=probabilities.astype(np.float16))


@pytest.fixture
def plan(make_specs, write_plugin, linear, tiny):
    """Plan runs of a linear model with some options and seeds."""
    path = write_plugin("lin", linear)

    def plan(*options: str, seeds=(0,), data=tiny) -> tuple[RunSpec, ...]:
        return make_specs(
            "lin", plugins=(path,), options=(*OPTIONS, *options), seeds=seeds, data=data
        )

    return plan


@pytest.fixture
def hard(tiny) -> np.ndarray:
    """All of each training image for its label."""
    return np.eye(3)[open_splits(tiny).train.labels]


def test_a_run_keeps_what_it_predicts_of_the_training_images(plan):
    [spec] = plan()
    record = made(spec)
    found = np.load(folder(spec) / "train_predictions.npz")["probabilities"]
    labels = open_splits(Path(spec.data)).train.labels
    assert (found.dtype, found.shape) == (np.float16, (96, 3))
    np.testing.assert_allclose(found.sum(1), 1, atol=2e-3)
    assert (found.argmax(1) == labels).mean() == pytest.approx(record.train.accuracy, abs=0.02)


def test_who_learns_from_the_labels_learns_what_they_teach(plan, hard):
    [plain] = plan()
    made(plain)
    teach(plain, hard)
    [student] = plan(f"teachers={plain.key[:6]}")
    record = made(student)
    assert (record.status, record.recipe.teachers) == ("done", plain.key[:12])
    for name, value in weights(plain).items():
        torch.testing.assert_close(weights(student)[name], value)


def test_the_targets_are_the_mean_of_all_teachers(plan):
    random, shares = np.random.default_rng(0), []
    teachers = plan(seeds=(0, 1, 2))
    for teacher in teachers:
        made(teacher)
        shares.append(random.dirichlet(np.ones(3), 96))
        teach(teacher, shares[-1])
    [student] = plan("teachers=" + "+".join(one.key[:8] for one in teachers))
    found = predicted_by_teachers(student, Store(Path(student.store)))
    np.testing.assert_allclose(found, np.mean(shares, axis=0), atol=1e-3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)


def test_teachers_that_disagree_leave_a_student_in_doubt(plan, hard):
    teachers = plan(seeds=(0, 1))
    for teacher, shares in zip(teachers, (hard, np.roll(hard, 1, axis=1)), strict=True):
        made(teacher)
        teach(teacher, shares)
    [student] = plan("teachers=" + "+".join(one.key[:8] for one in teachers))
    assert made(student).status == "done"
    found = np.load(folder(student) / "train_predictions.npz")["probabilities"]
    [alone] = plan(f"teachers={teachers[0].key[:8]}")
    made(alone)
    sure = np.load(folder(alone) / "train_predictions.npz")["probabilities"]
    assert found.max(1).mean() < sure.max(1).mean() - 0.1


def test_a_share_of_the_target_is_left_to_the_labels(plan, hard):
    [plain] = plan()
    made(plain)
    teach(plain, np.roll(hard, 1, axis=1))
    accuracies = [
        made(*plan(f"teachers={plain.key[:6]}", *share)).train.accuracy
        for share in ((), ("teacher_share=0.1",))
    ]
    # The teacher is wrong throughout: who learns from it alone is, too.
    assert accuracies[0] < 0.1 < 0.6 < accuracies[1]


@pytest.mark.parametrize("how", ["record", "file"])
def test_a_teacher_that_has_gone_meanwhile_is_a_reason(plan, how):
    [plain] = plan()
    made(plain)
    [student] = plan(f"teachers={plain.key[:6]}")
    name = {"record": "record.json", "file": "train_predictions.npz"}[how]
    (folder(plain) / name).unlink()
    record = made(student)
    assert record.status == "failed"
    expected = {
        "record": f"reading the data: the run {plain.key[:12]}, which was to be learned from, has",
        "file": "reading the data: a run to learn from is not as it was",
    }
    assert record.reason.startswith(expected[how])


def test_a_model_that_brings_a_loss_has_no_teachers(plan, make_specs, write_plugin, linear):
    [plain] = plan()
    made(plain)
    path = write_plugin("own", linear, "loss=lambda logits, labels: logits.mean()")
    [spec] = make_specs("own", plugins=(path,), options=(*OPTIONS, f"teachers={plain.key[:6]}"))
    assert "has no effect on the loss that this model brings itself" in made(spec).reason
