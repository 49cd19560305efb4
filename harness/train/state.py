"""All that changes while a model trains: what a checkpoint holds."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from harness.schema import Recipe
from harness.train.average import Average
from harness.train.schedule import Schedule, make_schedule


@dataclass(frozen=True)
class State:
    """The model with its optimizer, schedule and average."""

    module: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    average: Average

    def state_dict(self) -> dict[str, Any]:
        """Return the state of all parts by name."""
        return {name: part.state_dict() for name, part in vars(self).items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        for name, part in vars(self).items():
            part.load_state_dict(state[name])


def make_state(
    module: nn.Module, recipe: Recipe, steps: int, optimizer: torch.optim.Optimizer
) -> State:
    """Return the state before the first of ``steps`` steps an epoch."""
    schedule = make_schedule(optimizer, recipe, steps)
    return State(module, optimizer, schedule, Average(module, recipe.ema_decay))
