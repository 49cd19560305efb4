"""From a recipe to the learning rate's schedule, by torch's own schedulers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, LRScheduler, OneCycleLR

from harness.schema import Recipe


@dataclass(frozen=True)
class Schedule:
    """A scheduler that changes the learning rate after each step, or after each epoch."""

    scheduler: LRScheduler
    by_step: bool

    def after_step(self) -> None:
        """Tell that the optimizer has made a step."""
        if self.by_step:
            self.scheduler.step()

    def after_epoch(self) -> None:
        """Tell that an epoch's last step is done."""
        if not self.by_step:
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the scheduler's state."""
        return self.scheduler.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.scheduler.load_state_dict(state)


def make_schedule(optimizer: Optimizer, recipe: Recipe, steps: int) -> Schedule:
    """Return the recipe's schedule over epochs of ``steps`` steps.

    Every group of the optimizer keeps its own learning rate, which the schedule scales.
    """
    if recipe.schedule == "one-cycle":
        highest = [group["lr"] for group in optimizer.param_groups]
        total = max(1, recipe.epochs * steps)
        # The momentum stays what the recipe says.
        cycle = OneCycleLR(optimizer, highest, total_steps=total, cycle_momentum=False)
        return Schedule(cycle, by_step=True)
    if recipe.schedule == "exponential" and recipe.warmup == 0:
        return Schedule(ExponentialLR(optimizer, gamma=recipe.gamma), by_step=False)
    return Schedule(LambdaLR(optimizer, _factor(recipe, steps)), by_step=True)


def _factor(recipe: Recipe, steps: int) -> Callable[[int], float]:
    """Return the factor on the learning rate by step, from 0: warm-up, then the schedule."""
    rise = recipe.warmup * steps
    rest = max(1.0, recipe.epochs * steps - rise)
    curves: dict[str, Callable[[float], float]] = {
        "constant": lambda done: 1.0,
        "exponential": lambda done: recipe.gamma ** math.floor(done / steps),
        "cosine": lambda done: (1 + math.cos(math.pi * done / rest)) / 2,
        "linear": lambda done: 1 - done / rest,
    }
    curve = curves[recipe.schedule]

    def factor(step: int) -> float:
        return min(1.0, (step + 1) / rise) if step < rise else curve(step - rise)

    return factor
