"""What a run needs to go on after it was killed: the last epoch's state and the best weights."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn

from harness.errors import RunError
from harness.schema import Epoch


@dataclass(frozen=True)
class Progress:
    """How far training has come: epochs finished, and the best of them by valid accuracy."""

    epoch: int = 0
    best_epoch: int = 0
    best_accuracy: float = -1.0

    def after(self, epoch: Epoch) -> "Progress":
        """Return the progress after ``epoch``; among equals the first epoch stays the best."""
        if epoch.valid_accuracy > self.best_accuracy:
            return Progress(epoch.epoch, epoch.epoch, epoch.valid_accuracy)
        return replace(self, epoch=epoch.epoch)


class Checkpoints:
    """The files ``checkpoint.pt`` and ``model.safetensors`` of one run's folder.

    Both are written by a temporary file and a rename. The best weights are written before the
    checkpoint that names them: killed in between, the run repeats the epoch and writes them again.
    """

    def __init__(self, folder: Path) -> None:
        self._checkpoint = folder / "checkpoint.pt"
        self._weights = folder / "model.safetensors"

    def save(
        self,
        progress: Progress,
        module: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
    ) -> None:
        """Write the state after ``progress.epoch`` epochs."""
        state = {
            "progress": vars(progress),
            "model": module.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        }
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._checkpoint)

    def restore(
        self,
        module: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
    ) -> Progress:
        """Load the last state, if there is one, and return how far it had come."""
        if not self._checkpoint.is_file():
            return Progress()
        state: dict[str, Any] = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        module.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        return Progress(**state["progress"])

    def save_best(self, module: nn.Module) -> None:
        """Write the weights as the best so far."""
        temporary = self._weights.with_suffix(".tmp")
        save_model(module, str(temporary))
        temporary.replace(self._weights)

    def load_best(self, module: nn.Module) -> None:
        """Load the best weights. Raises `RunError` where none were written."""
        if not self._weights.is_file():
            raise RunError("there are no best weights: no epoch has been finished")
        load_model(module, str(self._weights))

    def discard(self) -> None:
        """Remove the checkpoint of a run that has finished; the best weights stay."""
        self._checkpoint.unlink(missing_ok=True)
