"""The loop against a bare PyTorch loop, and what it leaves when it is interrupted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from harness.data.splits import open_splits
from harness.errors import RunError
from harness.schema import Augment, Epoch, Recipe
from harness.tensors.batches import load_batches
from harness.tensors.device import Policy, seed_everything
from harness.train.checkpoint import Checkpoints
from harness.train.loop import Listener, train

FLOAT = Policy("cpu", "float32", 1)
PLAIN = Recipe(epochs=3, batch_size=16, learning_rate=0.05, augment=Augment())


class Ear:
    """Notes what the loop tells."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.epochs: list[Epoch] = []
        self.resumed: list[int] = []
        self.fractions: list[tuple[int, float]] = []
        self._stop_at = stop_at

    def listener(self) -> Listener:
        return Listener(
            resumed=self.resumed.append,
            batch=lambda epoch, fraction: self.fractions.append((epoch, fraction)),
            epoch=self._hear,
        )

    def _hear(self, epoch: Epoch) -> None:
        if epoch.epoch == self._stop_at:
            raise KeyboardInterrupt
        self.epochs.append(epoch)


def network() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 3)
    )


@pytest.fixture
def run(tiny: Path, tmp_path: Path) -> Callable[..., tuple[nn.Module, int, Ear]]:
    batches = load_batches(open_splits(tiny), torch.device("cpu"))

    def train_it(recipe=PLAIN, *, name="run", module=None, seed=0, ear=None, **options):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        module, ear = module or network(), ear or Ear()
        selected = train(
            module,
            batches,
            recipe,
            policy=options.pop("policy", FLOAT),
            seed=seed,
            checkpoints=Checkpoints(folder),
            listener=ear.listener(),
            **options,
        )
        return module, selected, ear

    return train_it


def without_clocks(epochs: list[Epoch]) -> list[dict]:
    return [epoch.model_dump(exclude={"train_seconds", "valid_seconds"}) for epoch in epochs]


def test_the_loop_does_what_a_bare_pytorch_loop_does(run, tiny: Path) -> None:
    recipe = PLAIN.model_copy(update={"gamma": 0.5, "nesterov": True, "label_smoothing": 0.1})
    module, selected, ear = run(recipe)

    bare, batches = network(), load_batches(open_splits(tiny), torch.device("cpu"))
    images = torch.cat([batch for batch, _ in batches["train"].in_order(999)])
    labels = batches["train"].labels
    valid, valid_labels = next(batches["valid"].in_order(999))
    optimizer = torch.optim.SGD(
        bare.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    accuracies, states = [], []
    for epoch in (1, 2, 3):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * 0.5 ** (epoch - 1)
        seed_everything(0, epoch)
        generator = torch.Generator().manual_seed(torch.initial_seed() + 1)
        bare.train()
        for index in torch.randperm(96, generator=generator).split(16):
            loss = functional.cross_entropy(bare(images[index]), labels[index], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        bare.eval()
        with torch.no_grad():
            logits = bare(valid)
        accuracies.append(float((logits.argmax(1) == valid_labels).float().mean()))
        states.append({name: value.clone() for name, value in bare.state_dict().items()})

    assert [epoch.valid_accuracy for epoch in ear.epochs] == pytest.approx(accuracies)
    assert selected == 1 + accuracies.index(max(accuracies))
    for name, value in module.state_dict().items():
        torch.testing.assert_close(value, states[selected - 1][name], rtol=1e-4, atol=1e-5)


def test_training_learns_what_can_be_learned(run) -> None:
    _, _, ear = run(PLAIN.model_copy(update={"epochs": 15}))
    assert ear.epochs[-1].train_loss < 0.5 * ear.epochs[0].train_loss
    assert max(epoch.valid_accuracy for epoch in ear.epochs) > 0.8


def test_each_epoch_tells_its_learning_rate_and_progress(run) -> None:
    _, _, ear = run(PLAIN.model_copy(update={"gamma": 0.5}))
    assert [epoch.learning_rate for epoch in ear.epochs] == pytest.approx([0.05, 0.025, 0.0125])
    assert [epoch.epoch for epoch in ear.epochs] == [1, 2, 3]
    assert [fraction for epoch, fraction in ear.fractions if epoch == 2] == pytest.approx(
        [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1]
    )


def test_the_weights_that_are_left_are_those_of_the_best_epoch(run, tmp_path: Path) -> None:
    # A learning rate that destroys what was learned makes a later epoch worse.
    recipe = PLAIN.model_copy(update={"epochs": 6, "learning_rate": 0.5})
    module, selected, ear = run(recipe)
    accuracies = [epoch.valid_accuracy for epoch in ear.epochs]
    assert selected == 1 + accuracies.index(max(accuracies))
    stored = load_file(tmp_path / "run" / "model.safetensors")
    for name, value in module.state_dict().items():
        assert torch.equal(value, stored[name])


@pytest.mark.parametrize("stop_at", [1, 3])
def test_an_interrupted_run_ends_to_the_bit_as_an_uninterrupted_one(run, tmp_path, stop_at) -> None:
    recipe = PLAIN.model_copy(
        update={"epochs": 4, "augment": Augment(flip=True, shift=0.1, erase=0.2)}
    )
    whole, selected, ear = run(recipe, name="whole")
    with pytest.raises(KeyboardInterrupt):
        run(recipe, name="parts", ear=Ear(stop_at=stop_at))
    resumed, selected_again, rest = run(recipe, name="parts")
    assert rest.resumed == [stop_at - 1]
    assert selected_again == selected
    assert without_clocks(rest.epochs) == without_clocks(ear.epochs[stop_at - 1 :])
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name])


def test_a_finished_run_trains_no_further(run) -> None:
    run()
    _, _, ear = run()
    assert ear.epochs == []
    assert ear.resumed == [3]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(run) -> None:
    states = [
        run(name=str(index), seed=seed)[0].state_dict() for index, seed in enumerate((0, 0, 1))
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not all(torch.equal(states[0][name], states[2][name]) for name in states[0])


def test_a_loss_that_is_no_number_ends_the_run_with_a_reason(run) -> None:
    with pytest.raises(RunError, match=r"training loss became (nan|inf) in epoch \d"):
        run(PLAIN.model_copy(update={"learning_rate": 1e30}))


def test_no_epochs_leave_the_model_as_built(run, tmp_path: Path) -> None:
    module, selected, ear = run(PLAIN.model_copy(update={"epochs": 0}))
    assert (selected, ear.epochs) == (0, [])
    for name, value in module.state_dict().items():
        assert torch.equal(value, network().state_dict()[name])
    assert (tmp_path / "run" / "model.safetensors").is_file()


def test_a_plugins_loss_and_optimizer_replace_the_recipes(run) -> None:
    module = network()
    calls = []

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        calls.append(logits.shape)
        return functional.multi_margin_loss(logits, labels)

    frozen = torch.optim.SGD(module.parameters(), lr=0.0)
    before = {name: value.clone() for name, value in module.named_parameters()}
    run(module=module, loss=loss, optimizer=frozen)
    assert set(calls) == {torch.Size([16, 3])}
    for name, value in module.named_parameters():
        assert torch.equal(value, before[name])


def test_bfloat16_keeps_its_weights_in_float32_and_learns_as_well(run) -> None:
    recipe = PLAIN.model_copy(update={"epochs": 10})
    module, _, ear = run(recipe, policy=Policy("cpu", "bfloat16", 1))
    assert {value.dtype for value in module.parameters()} == {torch.float32}
    assert max(epoch.valid_accuracy for epoch in ear.epochs) > 0.8


def test_a_lost_checkpoint_begins_anew(run, tmp_path: Path) -> None:
    run()
    shutil.rmtree(tmp_path / "run")
    _, _, ear = run()
    assert len(ear.epochs) == 3
