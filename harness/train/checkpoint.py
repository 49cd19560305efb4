"""What a run needs to go on after it was killed: the last epoch's state and the best weights."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn

from harness.errors import RunError
from harness.files import whole
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

    Both are written whole or not at all. The best weights wait beside the earlier ones until the
    checkpoint that names their epoch is there: killed in between, a run that goes on has those of
    the epoch that its checkpoint knows, whatever the repeated one brings.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checkpoint = folder / "checkpoint.pt"
        self._weights = folder / "model.safetensors"

    def save(self, progress: Progress, state: State) -> None:
        """Write the state after ``progress.epoch`` epochs, and its weights if they are the best.

        Raises `RunError` where that cannot be written.
        """
        waiting = self._waiting(progress.epoch)
        if progress.best_epoch == progress.epoch:
            _write(waiting, lambda path: _save_weights(state.average.module, path))
        whole_state = {"progress": vars(progress), "state": _plain(state.state_dict())}
        _write(self._checkpoint, lambda path: torch.save(whole_state, path))
        if progress.best_epoch == progress.epoch:
            waiting.replace(self._weights)

    def restore(self, state: State) -> Progress:
        """Load the last state, if there is one, and return how far it had come.

        What a killed process left half done is finished or removed. Raises `RunError` where the
        state cannot be read (power failed, or the model's own optimizer keeps what is neither a
        tensor nor a plain value), or the best weights are gone.
        """
        progress = self._load(state) if self._checkpoint.is_file() else Progress()
        if progress.epoch and (waiting := self._waiting(progress.best_epoch)).is_file():
            waiting.replace(self._weights)
        for left in (*self._folder.glob("best-*.safetensors"), *self._folder.glob(".*.tmp")):
            left.unlink()
        if progress.epoch and not self._weights.is_file():
            raise RunError(
                f"{self._weights} is gone, the weights of epoch {progress.best_epoch}; "
                f"remove {self._checkpoint.name} beside it to train from the start"
            )
        return progress

    def _waiting(self, epoch: int) -> Path:
        return self._folder / f"best-{epoch}.safetensors"

    def _load(self, state: State) -> Progress:
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
        """Write the weights as the best, of a run that has no epochs of its own."""
        _write(self._weights, lambda path: _save_weights(module, path))

    def load_best(self, module: nn.Module) -> None:
        """Load the best weights. Raises `RunError` where there are none, or another model's."""
        if not self._weights.is_file():
            raise RunError(f"the best weights ({self._weights.name}) are missing from its folder")
        try:
            missing, unexpected = load_model(module, str(self._weights), strict=False)
        except RuntimeError as error:  # Of other shapes; a line for each.
            first = str(error).replace("\n\t", " ").partition("\n")[0]
            raise RunError(f"{self._weights.name} does not fit the model: {first}") from error
        # In an average, a copy, what the model ties by its memory has a memory for each name.
        unknown = sorted(set(unexpected) - module.state_dict().keys())
        if missing or unknown:
            raise RunError(
                f"{self._weights.name} does not fit the model: it lacks "
                f"{', '.join(sorted(missing)) or 'nothing'} and has "
                f"{', '.join(unknown) or 'nothing'} beyond it"
            )

    def discard(self) -> None:
        """Remove the checkpoint of a run that has finished; the best weights stay."""
        self._checkpoint.unlink(missing_ok=True)


def _write(path: Path, save: Callable[[Path], None]) -> None:
    """Write a file at once or not at all. Raises `RunError` where that cannot be."""
    try:
        with whole(path) as hidden:
            save(hidden)
    # torch says of a full disk that a position is not the one that it expected.
    except (OSError, RuntimeError, SafetensorError) as error:
        traceback.print_exc()
        first = str(error).partition("\n")[0]
        raise RunError(
            f"{path.name} cannot be written ({type(error).__name__}: {first}); is the disk full?"
        ) from error


def _save_weights(module: nn.Module, path: Path) -> None:
    path.touch()
    mode = path.stat().st_mode
    save_model(module, str(path))
    # safetensors lets nobody but its user read the file; others may read all else of a run.
    path.chmod(mode)


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
