"""The loop against a bare PyTorch loop, and what it leaves."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.nn import functional

from harness.data.splits import open_splits
from harness.errors import RunError
from harness.tensors.batches import load_batches
from harness.tensors.device import Policy, seed_everything
from harness.tensors.mixing import Mixer, Target


def test_the_loop_does_what_a_bare_pytorch_loop_does(run, tiny: Path, plain, network) -> None:
    recipe = plain.model_copy(update={"gamma": 0.5, "nesterov": True, "label_smoothing": 0.1})
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


def test_training_learns_what_can_be_learned(run, plain) -> None:
    _, _, ear = run(plain.model_copy(update={"epochs": 15}))
    assert ear.epochs[-1].train_loss < 0.5 * ear.epochs[0].train_loss
    assert max(epoch.valid_accuracy for epoch in ear.epochs) > 0.8


def test_each_epoch_tells_the_rate_that_it_began_with_though_it_is_a_tensor(run, plain, network):
    module = network()
    own = torch.optim.SGD(module.parameters(), lr=torch.tensor(0.05))
    _, _, ear = run(plain.model_copy(update={"gamma": 0.5}), module=module, optimizer=own)
    assert [epoch.learning_rate for epoch in ear.epochs] == pytest.approx([0.05, 0.025, 0.0125])


def test_each_epoch_tells_its_learning_rate_and_progress(run, plain) -> None:
    _, _, ear = run(plain.model_copy(update={"gamma": 0.5}))
    assert [epoch.learning_rate for epoch in ear.epochs] == pytest.approx([0.05, 0.025, 0.0125])
    assert [epoch.epoch for epoch in ear.epochs] == [1, 2, 3]
    assert [fraction for epoch, fraction in ear.fractions if epoch == 2] == pytest.approx(
        [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1]
    )


def test_the_weights_that_are_left_are_those_of_the_best_epoch(run, tmp_path: Path, plain) -> None:
    # A learning rate that destroys what was learned makes a later epoch worse.
    recipe = plain.model_copy(update={"epochs": 6, "learning_rate": 0.5})
    module, selected, ear = run(recipe)
    accuracies = [epoch.valid_accuracy for epoch in ear.epochs]
    assert selected == 1 + accuracies.index(max(accuracies))
    stored = load_file(tmp_path / "run" / "model.safetensors")
    for name, value in module.state_dict().items():
        assert torch.equal(value, stored[name])


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


def test_a_loss_that_is_no_number_ends_the_run_with_a_reason(run, plain) -> None:
    with pytest.raises(RunError, match=r"training loss became (nan|inf) in epoch \d"):
        run(plain.model_copy(update={"learning_rate": 1e30}))


def test_no_epochs_leave_the_model_as_built(run, tmp_path: Path, plain, network) -> None:
    module, selected, ear = run(plain.model_copy(update={"epochs": 0}))
    assert (selected, ear.epochs) == (0, [])
    for name, value in module.state_dict().items():
        assert torch.equal(value, network().state_dict()[name])
    assert (tmp_path / "run" / "model.safetensors").is_file()


def test_a_plugins_loss_and_optimizer_replace_the_recipes(run, network) -> None:
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


def test_bfloat16_keeps_its_weights_in_float32_and_learns_as_well(run, plain) -> None:
    recipe = plain.model_copy(update={"epochs": 10})
    module, _, ear = run(recipe, policy=Policy("cpu", "bfloat16", 1))
    assert {value.dtype for value in module.parameters()} == {torch.float32}
    assert max(epoch.valid_accuracy for epoch in ear.epochs) > 0.8


def test_a_lost_checkpoint_begins_anew(run, tmp_path: Path) -> None:
    run()
    shutil.rmtree(tmp_path / "run")
    _, _, ear = run()
    assert len(ear.epochs) == 3


def test_fields_of_cross_entropy_are_refused_beside_a_loss_of_the_models_own(run, plain) -> None:
    for name, value in (
        ("class_weights", "balanced"),
        ("label_smoothing", 0.1),
        ("targets", "votes"),
    ):
        recipe = plain.model_copy(update={name: value})
        with pytest.raises(RunError, match=f"{name}={value} has no effect on the loss"):
            run(recipe, loss=functional.cross_entropy)


def test_class_weights_are_those_of_the_training_split(run, plain, unbalanced) -> None:
    weight = compute_class_weight(
        "balanced", classes=np.arange(3), y=unbalanced["train"].labels.numpy()
    )
    weighted = nn.CrossEntropyLoss(weight=torch.tensor(weight, dtype=torch.float32))
    recipe = plain.model_copy(update={"class_weights": "balanced"})
    found = run(recipe, name="found", batches=unbalanced)[2]
    expected = run(name="expected", batches=unbalanced, loss=weighted)[2]
    without = run(name="without", batches=unbalanced)[2]
    losses = [[epoch.train_loss for epoch in ear.epochs] for ear in (found, expected, without)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[0] != pytest.approx(losses[2], rel=1e-2)


def test_balanced_sampling_trains_on_rare_classes_as_often(run, plain, unbalanced) -> None:
    seen = []

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        seen.append(labels)
        return functional.cross_entropy(logits, labels)

    recipe = plain.model_copy(update={"sampling": "balanced", "epochs": 10})
    run(recipe, batches=unbalanced, loss=loss)
    counts = torch.bincount(torch.cat(seen))
    assert counts.sum() == 10 * 52
    # Five standard deviations about a third of 520 draws.
    assert (counts - 520 / 3).abs().max() < 54


def test_clipping_averaging_and_warming_up_are_what_a_bare_pytorch_loop_does(
    run, plain, network, tiny: Path
) -> None:
    recipe = plain.model_copy(
        update={"schedule": "cosine", "warmup": 0.5, "gradient_clipping": 0.2, "ema_decay": 0.7}
    )
    module, selected, ear = run(recipe)

    bare, batches = network(), load_batches(open_splits(tiny), torch.device("cpu"))
    images = torch.cat([batch for batch, _ in batches["train"].in_order(999)])
    labels, step, states = batches["train"].labels, 0, []
    average: dict[str, torch.Tensor] = {}
    optimizer = torch.optim.SGD(bare.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    for epoch in (1, 2, 3):
        seed_everything(0, epoch)
        generator = torch.Generator().manual_seed(torch.initial_seed() + 1)
        bare.train()
        for index in torch.randperm(96, generator=generator).split(16):
            factor = (step + 1) / 3 if step < 3 else (1 + math.cos(math.pi * (step - 3) / 15)) / 2
            optimizer.param_groups[0]["lr"] = 0.05 * factor
            optimizer.zero_grad()
            functional.cross_entropy(bare(images[index]), labels[index]).backward()
            norm = torch.stack([value.grad.square().sum() for value in bare.parameters()]).sum()
            for value in bare.parameters():
                value.grad *= min(1.0, 0.2 / float(norm.sqrt()))
            optimizer.step()
            for name, value in bare.state_dict().items():
                kept = average.get(name, value).clone()
                share = min(0.7, (1 + step) / (10 + step))
                mean = share * kept + (1 - share) * value
                average[name] = mean if value.is_floating_point() else value.clone()
            step += 1
        states.append(dict(average))

    for name, value in module.state_dict().items():
        torch.testing.assert_close(value, states[selected - 1][name], rtol=1e-3, atol=1e-5)
    assert [epoch.learning_rate for epoch in ear.epochs] == pytest.approx(
        [0.05 / 3, 0.025 * (1 + math.cos(math.pi / 5)), 0.025 * (1 + math.cos(math.pi * 3 / 5))]
    )


def test_averaged_weights_are_those_that_are_validated_and_kept(run, plain) -> None:
    recipe = plain.model_copy(update={"ema_decay": 0.999, "epochs": 2})
    _, _, ear = run(recipe, name="averaged")
    _, _, without = run(plain.model_copy(update={"epochs": 2}), name="without")
    # The average lags behind, and the weights that are trained do as without it.
    assert [epoch.train_loss for epoch in ear.epochs] == [e.train_loss for e in without.epochs]
    assert ear.epochs[0].valid_loss > 1.2 * without.epochs[0].valid_loss


def test_early_stopping_waits_for_as_many_epochs_as_it_is_told(run, plain) -> None:
    def still() -> dict:
        module = nn.Sequential(nn.Flatten(), nn.Linear(256, 3))
        return {"module": module, "optimizer": torch.optim.SGD(module.parameters(), lr=0.0)}

    recipe = plain.model_copy(update={"epochs": 9, "early_stopping": 2})
    _, selected, ear = run(recipe, **still())
    assert (selected, len(ear.epochs)) == (1, 3)
    # A run that is stopped by force in its third epoch ends with it all the same.
    with pytest.raises(KeyboardInterrupt):
        run(recipe, name="parts", stop_at=3, **still())
    _, selected, ear = run(recipe, name="parts", **still())
    assert (selected, ear.resumed, len(ear.epochs)) == (1, [2], 1)


def test_train_accuracy_counts_against_the_label_with_the_larger_share(
    run, plain, monkeypatch
) -> None:
    right = []

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        right.append(int((logits.argmax(1) == labels).sum()))
        return functional.cross_entropy(logits, labels)

    def mostly_others(self: Mixer, images: torch.Tensor, labels: torch.Tensor, soft: None):
        return images, Target(labels, labels.roll(1), 0.3)

    monkeypatch.setattr(Mixer, "__call__", mostly_others)
    _, _, ear = run(plain.model_copy(update={"epochs": 1}), loss=loss)
    assert ear.epochs[0].train_accuracy == pytest.approx(sum(right[1::2]) / 96)
    assert sum(right[1::2]) != sum(right[::2])


def test_each_epoch_and_each_seed_mixes_otherwise(run, plain, monkeypatch) -> None:
    shares, mix = [], Mixer.__call__

    def listening(self: Mixer, images: torch.Tensor, *labels: torch.Tensor | None) -> tuple:
        images, target = mix(self, images, *labels)
        shares.append(target.share)
        return images, target

    monkeypatch.setattr(Mixer, "__call__", listening)
    for seed in (0, 1):
        run(plain.model_copy(update={"mixup": 1.0, "epochs": 2}), name=str(seed), seed=seed)
    assert len(shares) == len(set(shares)) == 2 * 2 * 6


def test_mixed_images_are_trained_on_with_mixed_labels(run, plain) -> None:
    calls = []

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        calls.append(labels)
        return functional.cross_entropy(logits, labels)

    recipe = plain.model_copy(update={"mixup": 1.0, "epochs": 1})
    _, _, mixed = run(recipe, name="mixed", loss=loss)
    assert len(calls) == 2 * 6
    assert all(torch.equal(calls[i].roll(1), calls[i + 1]) for i in range(0, 12, 2))
    _, _, without = run(plain.model_copy(update={"epochs": 1}), name="without")
    assert mixed.epochs[0].train_loss != without.epochs[0].train_loss


def test_votes_are_trained_on_as_a_bare_pytorch_loop_does_and_accuracy_is_that_of_labels(
    run, plain, network, soft, voted: Path
) -> None:
    recipe = plain.model_copy(
        update={
            "epochs": 1,
            "targets": "votes",
            "label_smoothing": 0.1,
            "class_weights": "balanced",
        }
    )
    module, _, ear = run(recipe, batches=soft)

    # By hand: the columns of votes are right, up, left and unknown.
    votes = np.load(voted / "train_votes.npy")[:, [2, 0, 1]].astype(float)
    nobody = votes.sum(1) == 0
    labels = torch.from_numpy(np.load(voted / "train_labels.npy"))
    votes[nobody] = np.eye(3)[labels[nobody]]
    shares = torch.from_numpy(votes / votes.sum(1, keepdims=True)).float()
    assert 0 < nobody.sum() < 40
    weight = compute_class_weight("balanced", classes=np.arange(3), y=labels.numpy())
    bare, images = network(), torch.cat([part for part, _ in soft["train"].in_order(999)])
    optimizer = torch.optim.SGD(bare.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    seed_everything(0, 1)
    generator = torch.Generator().manual_seed(torch.initial_seed() + 1)
    losses, right = [], 0
    bare.train()
    for index in torch.randperm(96, generator=generator).split(16):
        logits = bare(images[index])
        loss = functional.cross_entropy(
            logits, shares[index], torch.tensor(weight).float(), label_smoothing=0.1
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        right += int((logits.argmax(1) == labels[index]).sum())
    assert ear.epochs[0].train_loss == pytest.approx(np.mean(losses), rel=1e-5)
    assert ear.epochs[0].train_accuracy == pytest.approx(right / 96)
    for name, value in module.state_dict().items():
        torch.testing.assert_close(value, bare.state_dict()[name], rtol=1e-4, atol=1e-5)


def test_unanimous_votes_train_as_labels_do(run, plain, soft) -> None:
    soft["train"].targets = torch.eye(3)[soft["train"].labels]
    recipe = plain.model_copy(update={"mixup": 0.4, "cutmix": 1.0, "label_smoothing": 0.1})
    votes = run(recipe.model_copy(update={"targets": "votes"}), name="votes", batches=soft)[2]
    labels = run(recipe, name="labels")[2]
    for name in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy"):
        found, expected = ([getattr(e, name) for e in ear.epochs] for ear in (votes, labels))
        assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_and_validation_compute_in_the_policys_precision(run, plain, network, precision):
    module, seen = network(), set()
    module[-1].register_forward_hook(lambda part, _, out: seen.add((part.training, out.dtype)))
    recipe = plain.model_copy(update={"epochs": 1})
    run(recipe, module=module, policy=Policy("cpu", precision, 1))
    assert seen == {(training, getattr(torch, precision)) for training in (True, False)}


class Helped(nn.Module):
    """Returns what an auxiliary head says, too, while it is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(256, 3)

    def forward(self, images):
        logits = self.layer(images.flatten(1))
        return (logits, logits) if self.training else logits


def test_a_model_that_returns_more_in_training_is_told_what_to_return(run) -> None:
    with pytest.raises(
        RunError, match=r"logits \(N, classes\) in training, too; it returned tuple"
    ):
        run(module=Helped())


def test_what_is_tied_by_its_memory_is_kept_by_an_average(run, plain) -> None:
    one, other = nn.Linear(256, 256), nn.Linear(256, 256)
    other.weight = nn.Parameter(one.weight.data)
    module = nn.Sequential(nn.Flatten(), one, other, nn.Linear(256, 3))
    run(plain.model_copy(update={"ema_decay": 0.9, "epochs": 1}), module=module)
    assert torch.equal(one.weight, other.weight)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_a_model_that_makes_itself_a_buffer_in_training_is_told_before_it_takes_long(
    run, plain, tmp_path, ema_decay
) -> None:
    class Queue(nn.Linear):
        def forward(self, images):
            if self.training and not hasattr(self, "queue"):
                self.register_buffer("queue", torch.zeros(3))
            return super().forward(images.flatten(1))

    with pytest.raises(RunError, match="the model made itself queue in training, where none was"):
        run(plain.model_copy(update={"ema_decay": ema_decay}), module=Queue(256, 3))
    assert not (tmp_path / "run" / "checkpoint.pt").exists()
