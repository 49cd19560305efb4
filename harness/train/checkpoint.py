"""What a run needs to go on after it was killed: the last epoch's state and the best weights."""

import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_model, save_model
from torch import nn

from harness.errors import RunError
from harness.schema import Epoch, Recipe
from harness.train.state import State


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

    def is_over(self, recipe: Recipe) -> bool:
        """Whether all epochs are done, or early stopping has waited long enough for a better."""
        waited = self.epoch - self.best_epoch
        return self.epoch >= recipe.epochs or 0 < recipe.early_stopping <= waited


class Checkpoints:
    """The files ``checkpoint.pt`` and ``model.safetensors`` of one run's folder.

    Both are written by a temporary file and a rename. The best weights are written before the
    checkpoint that names them: killed in between, the run repeats the epoch and writes them again.
    """

    def __init__(self, folder: Path) -> None:
        self._checkpoint = folder / "checkpoint.pt"
        self._weights = folder / "model.safetensors"

    def save(self, progress: Progress, state: State) -> None:
        """Write the state after ``progress.epoch`` epochs."""
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save({"progress": vars(progress), "state": _plain(state.state_dict())}, temporary)
        temporary.replace(self._checkpoint)

    def restore(self, state: State) -> Progress:
        """Load the last state, if there is one, and return how far it had come.

        Raises `RunError` where it cannot be read: power failed, or the model's own optimizer keeps
        what is neither a tensor nor a plain value.
        """
        if not self._checkpoint.is_file():
            return Progress()
        try:
            saved: dict[str, Any] = torch.load(
                self._checkpoint, map_location="cpu", weights_only=True
            )
            state.load_state_dict(saved["state"])
            return Progress(**saved["progress"])
        except (MemoryError, torch.cuda.OutOfMemoryError):
            raise
        # A damaged file may raise anything.
        except Exception as error:
            traceback.print_exc()
            first = str(error).partition("\n")[0]
            raise RunError(
                f"{self._checkpoint} cannot be read ({type(error).__name__}: {first}); "
                "remove this file to train from the start"
            ) from error

    def save_best(self, module: nn.Module) -> None:
        """Write the weights as the best so far."""
        temporary = self._weights.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)  # Of a run that was killed here, with its narrow mode.
        temporary.touch()
        mode = temporary.stat().st_mode
        save_model(module, str(temporary))
        # safetensors lets nobody but its user read the file; others may read all else of a run.
        temporary.chmod(mode)
        temporary.replace(self._weights)

    def load_best(self, module: nn.Module) -> None:
        """Load the best weights. Raises `RunError` where none were written."""
        if not self._weights.is_file():
            raise RunError("there are no best weights: no epoch has been finished")
        load_model(module, str(self._weights))

    def discard(self) -> None:
        """Remove the checkpoint of a run that has finished; the best weights stay."""
        self._checkpoint.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    """Return a state with Python's numbers in place of numpy's, which no safe loading takes."""
    if isinstance(value, np.generic):
        return value.item()
    # No ordered one: that of a module carries its version along.
    if type(value) is dict:
        return {key: _plain(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(one) for one in value)
    return value
