from pathlib import Path

import pytest
import torch
from torch import nn

from harness.errors import RunError
from harness.schema import Epoch, Recipe
from harness.train.checkpoint import Checkpoints, Progress
from harness.train.optim import make_optimizer, make_schedule


def finished(number: int, accuracy: float) -> Epoch:
    return Epoch(
        epoch=number,
        train_loss=1,
        train_accuracy=0.5,
        valid_loss=1,
        valid_accuracy=accuracy,
        learning_rate=0.1,
        train_seconds=1,
        valid_seconds=1,
    )


def test_among_equal_epochs_the_first_is_the_best() -> None:
    progress = Progress()
    for number, accuracy in enumerate((0.0, 0.5, 0.5, 0.4), start=1):
        progress = progress.after(finished(number, accuracy))
    assert progress == Progress(epoch=4, best_epoch=2, best_accuracy=0.5)


def test_the_first_epoch_is_the_best_even_with_no_image_right() -> None:
    assert Progress().after(finished(1, 0.0)).best_epoch == 1


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    def parts() -> tuple:
        module = nn.Linear(2, 2)
        optimizer = make_optimizer(module, Recipe())
        return module, optimizer, make_schedule(optimizer, Recipe())

    module, optimizer, schedule = parts()
    module(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    schedule.step()
    progress = Progress(3, 2, 0.75)
    Checkpoints(tmp_path).save(progress, module, optimizer, schedule)
    other, other_optimizer, other_schedule = parts()
    found = Checkpoints(tmp_path).restore(other, other_optimizer, other_schedule)
    assert found == progress
    assert torch.equal(other.weight, module.weight)
    assert other_optimizer.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"]
    momentum = other_optimizer.state_dict()["state"][0]["momentum_buffer"]
    assert torch.equal(momentum, optimizer.state_dict()["state"][0]["momentum_buffer"])
    assert other_schedule.last_epoch == 1


def test_no_temporary_files_are_left(tmp_path: Path) -> None:
    module = nn.Linear(2, 2)
    optimizer = make_optimizer(module, Recipe())
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save_best(module)
    checkpoints.save(Progress(), module, optimizer, make_schedule(optimizer, Recipe()))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint.pt",
        "model.safetensors",
    ]
    checkpoints.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_weights_that_are_shared_are_saved_and_loaded(tmp_path: Path) -> None:
    def tied() -> nn.Module:
        module = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
        module[1].weight = module[0].weight
        return module

    module, other = tied(), tied()
    Checkpoints(tmp_path).save_best(module)
    Checkpoints(tmp_path).load_best(other)
    assert torch.equal(other[1].weight, module[0].weight)


def test_loading_the_best_weights_before_there_are_any_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no epoch has been finished"):
        Checkpoints(tmp_path).load_best(nn.Linear(2, 2))
