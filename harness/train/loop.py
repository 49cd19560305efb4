"""The training loop."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from harness.errors import RunError
from harness.evaluate.predict import loss_and_accuracy
from harness.schema import Epoch, Recipe
from harness.tensors.batches import Batches
from harness.tensors.device import Policy, seed_everything
from harness.tensors.mixing import Mixer
from harness.tensors.resize import image_size, resize
from harness.train.checkpoint import Checkpoints
from harness.train.loss import Loss, choose_loss
from harness.train.state import State, make_state


@dataclass(frozen=True)
class Listener:
    """Whom the loop tells what happens.

    ``resumed`` hears how many epochs were done before, ``batch`` the epoch and the fraction of it
    that is done, ``epoch`` an epoch's numbers, before they are checkpointed.
    """

    resumed: Callable[[int], None]
    batch: Callable[[int, float], None]
    epoch: Callable[[Epoch], None]


def train(
    module: nn.Module,
    batches: Mapping[str, Batches],
    recipe: Recipe,
    *,
    policy: Policy,
    seed: int,
    checkpoints: Checkpoints,
    listener: Listener,
    optimizer: torch.optim.Optimizer,
    loss: Loss | None = None,
) -> int:
    """Train ``module`` and leave it with its best weights; return their epoch, from 1.

    The best epoch has the highest accuracy on ``batches["valid"]``, the first one among equals;
    with a moving average it is the averaged weights that are validated and kept. Training goes on
    from the last checkpoint, and what it leaves is then the same to the bit as without the
    interruption. Raises `RunError` when the loss is no longer finite, or where the model got
    further weights or buffers in training, which no other process could give it again.
    """
    names = module.state_dict().keys()
    loss = choose_loss(loss, recipe, batches["train"].class_counts())
    state = make_state(module, recipe, batches["train"].steps(recipe.batch_size), optimizer)
    progress = checkpoints.restore(state)
    listener.resumed(progress.epoch)
    if recipe.epochs == 0:
        checkpoints.save_best(module)

    while not progress.is_over(recipe):
        number = progress.epoch + 1
        seed_everything(seed, number)
        # A rate that is a tensor is changed in place by the schedule.
        learning_rate = float(state.optimizer.param_groups[0]["lr"])
        started = time.perf_counter()
        train_loss, train_accuracy = _train_epoch(
            state, batches["train"], recipe, policy, loss, number, listener.batch
        )
        if made := sorted(module.state_dict().keys() - names):
            raise RunError(
                f"the model made itself {', '.join(made)} in training, where none was before: it "
                "could not go on from a checkpoint; register it when the model is built"
            )
        trained = time.perf_counter()
        valid_loss, valid_accuracy = loss_and_accuracy(
            state.average.module, batches["valid"], policy
        )
        epoch = Epoch(
            epoch=number,
            train_loss=_finite(train_loss, "training", number, learning_rate),
            train_accuracy=train_accuracy,
            valid_loss=_finite(valid_loss, "validation", number, learning_rate),
            valid_accuracy=valid_accuracy,
            learning_rate=learning_rate,
            train_seconds=trained - started,
            valid_seconds=time.perf_counter() - trained,
        )
        listener.epoch(epoch)
        progress = progress.after(epoch)
        checkpoints.save(progress, state)

    checkpoints.load_best(module)
    return progress.best_epoch


def _train_epoch(
    state: State,
    batches: Batches,
    recipe: Recipe,
    policy: Policy,
    loss: Loss,
    epoch: int,
    tell: Callable[[int, float], None],
) -> tuple[float, float]:
    """Train for one epoch; return its mean loss and accuracy over the augmented batches."""
    module, optimizer, device = state.module, state.optimizer, policy.torch_device
    # A stream of its own: what dropout draws from torch's own generator changes no batch.
    generator = torch.Generator(device=device).manual_seed(torch.initial_seed() + 1)
    size = image_size(batches.size, recipe, epoch)
    mix = Mixer(recipe.mixup, recipe.cutmix, generator.initial_seed())
    # Sums stay on the device: reading them at each step would make the host wait for it.
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device, dtype=torch.int64)
    done = 0
    module.train()
    for images, labels, soft in batches.shuffled(
        recipe.batch_size, recipe.augment, generator, recipe.sampling
    ):
        images, target = mix(resize(images, size), labels, soft)
        with policy.autocast():
            logits = module(images.to(memory_format=torch.channels_last))
        if not isinstance(logits, Tensor):
            raise RunError(
                "the model must return logits (N, classes) in training, too; it returned "
                f"{type(logits).__name__}: return the logits alone"
            )
        value = target.loss(loss, logits.float())
        optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        if recipe.gradient_clipping:
            clip_grad_norm_(module.parameters(), recipe.gradient_clipping)
        optimizer.step()
        state.schedule.after_step()
        state.average.update()
        loss_sum += value.detach() * len(labels)
        correct += (logits.detach().argmax(dim=1) == target.dominant).sum()
        done += len(labels)
        tell(epoch, done / len(batches))
    state.schedule.after_epoch()
    policy.synchronise()
    return float(loss_sum) / len(batches), float(correct) / len(batches)


def _finite(loss: float, which: str, epoch: int, learning_rate: float) -> float:
    if math.isfinite(loss):
        return loss
    raise RunError(
        f"the {which} loss became {loss} in epoch {epoch}, which began with a learning rate of "
        f"{learning_rate:g}; a lower one may help"
    )
