from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from harness.errors import RunError
from harness.schema import Epoch, Recipe
from harness.train.checkpoint import Checkpoints, Progress
from harness.train.optim import make_optimizer
from harness.train.state import State, make_state


def state_of(module: nn.Module, recipe: Recipe | None = None) -> State:
    recipe = recipe or Recipe()
    return make_state(module, recipe, 1, make_optimizer(module, recipe))


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
    recipe = Recipe(ema_decay=0.5)
    state, other = (state_of(nn.Linear(2, 2), recipe) for _ in range(2))
    for _ in range(2):
        state.module(torch.ones(1, 2)).sum().backward()
        state.optimizer.step()
        state.average.update()
        state.schedule.after_epoch()
    progress = Progress(3, 2, 0.75)
    Checkpoints(tmp_path).save_best(state.module)
    Checkpoints(tmp_path).save(progress, state)
    assert Checkpoints(tmp_path).restore(other) == progress
    assert torch.equal(other.module.weight, state.module.weight)
    assert torch.equal(other.average.module.weight, state.average.module.weight)
    assert not torch.equal(other.average.module.weight, state.module.weight)
    assert other.optimizer.param_groups[0]["lr"] == state.optimizer.param_groups[0]["lr"]
    momentum = other.optimizer.state_dict()["state"][0]["momentum_buffer"]
    assert torch.equal(momentum, state.optimizer.state_dict()["state"][0]["momentum_buffer"])
    assert other.schedule.scheduler.last_epoch == 2


@pytest.mark.parametrize(
    ("progress", "patience", "over"),
    [
        (Progress(9, 9, 0.5), 0, False),
        (Progress(10, 9, 0.5), 0, True),
        (Progress(4, 1, 0.5), 0, False),
        (Progress(4, 1, 0.5), 3, True),
        (Progress(3, 1, 0.5), 3, False),
        (Progress(), 1, False),
    ],
)
def test_training_is_over_after_all_epochs_or_too_many_without_a_better_one(
    progress, patience, over
) -> None:
    assert progress.is_over(Recipe(epochs=10, early_stopping=patience)) is over


def test_no_temporary_files_are_left(tmp_path: Path) -> None:
    state = state_of(nn.Linear(2, 2))
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(Progress(1, 1, 0.5), state)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint.pt",
        "model.safetensors",
    ]
    checkpoints.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_who_may_read_the_records_may_read_the_weights(tmp_path: Path) -> None:
    (tmp_path / "record.json").touch()
    Checkpoints(tmp_path).save_best(nn.Linear(2, 2))
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == 2
    assert len(modes) == 1


def killed_in(monkeypatch, path: Path, name: str) -> type[BaseException]:
    """Kill what writes a file of this name, just before it is there."""

    class Killed(BaseException):
        """Like SIGKILL, heard by nobody."""

    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target) == path / name:
            raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return Killed


@pytest.mark.parametrize("name", ["best-2.safetensors", "checkpoint.pt", "model.safetensors"])
def test_the_weights_are_those_of_the_epoch_that_the_checkpoint_knows(
    tmp_path, monkeypatch, name
) -> None:
    """A repeated epoch need not be the best again: on a GPU it has other last bits."""
    state, checkpoints = state_of(nn.Linear(1, 1)), Checkpoints(tmp_path)

    def epoch(number: int, best: int) -> None:
        nn.init.constant_(state.module.weight, number)
        checkpoints.save(Progress(number, best, 0.5), state)

    epoch(1, best=1)
    with monkeypatch.context() as patch:
        killed = killed_in(patch, tmp_path, name)
        with pytest.raises(killed):
            epoch(2, best=2)
    (tmp_path / ".record.json.77.tmp").touch()
    progress = checkpoints.restore(state)
    assert progress.epoch == (2 if name == "model.safetensors" else 1)
    if progress.epoch == 1:
        epoch(2, best=1)
    best = nn.Linear(1, 1)
    checkpoints.load_best(best)
    assert best.weight.item() == checkpoints.restore(state).best_epoch
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.pt", "model.safetensors"}


def test_a_checkpoint_without_its_weights_is_refused_before_anything_is_trained(tmp_path) -> None:
    state, checkpoints = state_of(nn.Linear(1, 1)), Checkpoints(tmp_path)
    checkpoints.save(Progress(1, 1, 0.5), state)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(RunError, match=r"is gone, the weights of epoch 1; remove checkpoint.pt"):
        checkpoints.restore(state)


@pytest.mark.parametrize("writer", ["torch.save", "harness.train.checkpoint.save_model"])
def test_on_a_full_disk_nothing_half_written_stays(tmp_path, monkeypatch, writer) -> None:
    state, checkpoints = state_of(nn.Linear(1, 1)), Checkpoints(tmp_path)

    def fill(first, second):
        path = Path(second if isinstance(second, str | Path) else first)
        path.write_bytes(b"a part")
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos\nmore")

    monkeypatch.setattr(writer, fill)
    with pytest.raises(RunError, match=r"cannot be written \(RuntimeError: .*; is the disk full"):
        checkpoints.save(Progress(1, 1, 0.5), state)
    assert not list(tmp_path.glob(".*"))
    assert not (tmp_path / "checkpoint.pt").exists()


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
    with pytest.raises(RunError, match=r"\(model\.safetensors\) are missing from its folder"):
        Checkpoints(tmp_path).load_best(nn.Linear(2, 2))


def test_an_optimizers_numbers_of_numpy_come_back_as_python_has_them(tmp_path: Path) -> None:
    def state() -> State:
        module, rates = nn.Linear(2, 2), 0.1 * 0.75 ** np.arange(2)
        groups = [
            {"params": [one], "lr": rate, "tags": (rate,), "more": [np.int64(3)]}
            for one, rate in zip(module.parameters(), rates, strict=True)
        ]
        return make_state(module, Recipe(), 1, torch.optim.SGD(groups, momentum=np.float64(0.5)))

    saved, other = state(), state()
    for group in other.optimizer.param_groups:
        group["lr"] = 9.0
    Checkpoints(tmp_path).save(Progress(1, 1, 0.5), saved)
    assert Checkpoints(tmp_path).restore(other) == Progress(1, 1, 0.5)
    found = [(group["lr"], group["tags"], group["more"]) for group in other.optimizer.param_groups]
    assert found == [(0.1, (0.1,), [3]), (pytest.approx(0.075), (pytest.approx(0.075),), [3])]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nonsense"])
def test_a_checkpoint_that_cannot_be_read_says_which_and_what_to_do(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(content)
    with pytest.raises(RunError) as raised:
        Checkpoints(tmp_path).restore(state_of(nn.Linear(2, 2)))
    assert str(raised.value).startswith(f"{path} cannot be read (")
    assert str(raised.value).endswith("); remove this file to train from the start")
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


def test_a_module_is_told_the_version_of_its_state(tmp_path: Path) -> None:
    told = []

    class Versioned(nn.Linear):
        _version = 2

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):  # type: ignore[no-untyped-def]
            told.append(local_metadata.get("version"))
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    state = state_of(Versioned(2, 2))
    Checkpoints(tmp_path).save(Progress(1, 1, 0.5), state)
    Checkpoints(tmp_path).restore(state)
    assert set(told) == {2}


def test_too_little_memory_is_not_blamed_on_the_file(tmp_path: Path, monkeypatch) -> None:
    state = state_of(nn.Linear(2, 2))
    Checkpoints(tmp_path).save(Progress(1, 1, 0.5), state)

    def load(*_, **__):
        raise MemoryError

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(MemoryError):
        Checkpoints(tmp_path).restore(state)


def test_weights_of_another_model_are_refused(tmp_path):
    Checkpoints(tmp_path).save_best(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False)))
    with pytest.raises(RunError, match=r"does not fit .*: it lacks 1\.bias and has nothing beyond"):
        Checkpoints(tmp_path).load_best(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)))
    with pytest.raises(RunError, match=r"it lacks nothing and has 1\.weight beyond"):
        Checkpoints(tmp_path).load_best(nn.Sequential(nn.Linear(2, 2)))
    with pytest.raises(RunError, match=r"does not fit the model: .*size mismatch for 0\.weight"):
        Checkpoints(tmp_path).load_best(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2, bias=False)))
