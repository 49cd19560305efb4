"""Every schedule against torch's own schedulers, at every step."""

import math

import pytest
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    OneCycleLR,
    SequentialLR,
)

from harness.schema import Recipe
from harness.train.optim import make_optimizer
from harness.train.schedule import make_schedule

EPOCHS, STEPS, RATE = 5, 4, 0.4


def rates(**fields) -> list[float]:
    recipe = Recipe(epochs=EPOCHS, learning_rate=RATE, **fields)
    optimizer = make_optimizer(nn.Linear(2, 2), recipe)
    schedule = make_schedule(optimizer, recipe, STEPS)
    found = []
    for _ in range(EPOCHS):
        for _ in range(STEPS):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.after_step()
        schedule.after_epoch()
    return found


def torchs(make, count: int = EPOCHS * STEPS) -> list[float]:
    """Return the rates of the scheduler that ``make`` returns, stepped ``count`` times."""
    optimizer = SGD(nn.Linear(2, 2).parameters(), lr=RATE)
    scheduler, found = make(optimizer), []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_the_default_is_torchs_exponential_decay_from_epoch_to_epoch_to_the_bit() -> None:
    each_epoch = torchs(lambda optimizer: ExponentialLR(optimizer, gamma=0.98), EPOCHS)
    assert rates() == [rate for rate in each_epoch for _ in range(STEPS)]
    recipe = Recipe()
    schedule = make_schedule(make_optimizer(nn.Linear(2, 2), recipe), recipe, STEPS)
    assert isinstance(schedule.scheduler, ExponentialLR)


def test_constant_stays() -> None:
    assert rates(schedule="constant") == [RATE] * EPOCHS * STEPS


def test_cosine_is_torchs_over_all_steps() -> None:
    expected = torchs(lambda optimizer: CosineAnnealingLR(optimizer, T_max=EPOCHS * STEPS))
    assert rates(schedule="cosine") == pytest.approx(expected)


def test_linear_is_torchs_over_all_steps() -> None:
    expected = torchs(lambda optimizer: LinearLR(optimizer, 1.0, 0.0, total_iters=EPOCHS * STEPS))
    assert rates(schedule="linear") == pytest.approx(expected)


def test_one_cycle_is_torchs_and_leaves_the_momentum_alone() -> None:
    expected = torchs(
        lambda optimizer: OneCycleLR(
            optimizer, RATE, total_steps=EPOCHS * STEPS, cycle_momentum=False
        )
    )
    found = rates(schedule="one-cycle")
    assert found == pytest.approx(expected)
    assert max(found) == pytest.approx(RATE)
    recipe = Recipe(schedule="one-cycle", momentum=0.7)
    optimizer = make_optimizer(nn.Linear(2, 2), recipe)
    make_schedule(optimizer, recipe, STEPS)
    assert optimizer.param_groups[0]["momentum"] == 0.7


def after_warm_up(main) -> list[float]:
    """Return the rates of torch's own sequence: 8 steps of warm-up, then ``main``."""

    def make(optimizer: SGD) -> SequentialLR:
        rise = LinearLR(optimizer, start_factor=1 / 8, end_factor=1.0, total_iters=7)
        return SequentialLR(optimizer, [rise, main(optimizer)], milestones=[8])

    return torchs(make)


@pytest.mark.filterwarnings("ignore:The epoch parameter")
def test_the_schedule_begins_when_the_warm_up_ends_as_in_torchs_sequence() -> None:
    rest = EPOCHS * STEPS - 8
    cosine = after_warm_up(lambda optimizer: CosineAnnealingLR(optimizer, T_max=rest))
    assert rates(schedule="cosine", warmup=2) == pytest.approx(cosine)
    linear = after_warm_up(lambda optimizer: LinearLR(optimizer, 1.0, 0.0, total_iters=rest))
    assert rates(schedule="linear", warmup=2) == pytest.approx(linear)


def test_exponential_after_a_warm_up_changes_once_an_epoch() -> None:
    found = rates(warmup=1, gamma=0.5)
    assert found[:4] == pytest.approx([RATE * part / 4 for part in (1, 2, 3, 4)])
    assert found[4:] == pytest.approx([RATE * 0.5**n for n in (0, 1, 2, 3) for _ in range(4)])


def test_a_warm_up_may_be_a_part_of_an_epoch_or_longer_than_the_training() -> None:
    found = rates(schedule="constant", warmup=0.625)
    assert found == pytest.approx([RATE * 0.4, RATE * 0.8] + [RATE] * 18)
    found = rates(schedule="cosine", warmup=10)
    assert found == pytest.approx([RATE * (step + 1) / 40 for step in range(20)])


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_each_group_of_an_optimizer_keeps_its_own_rate(schedule) -> None:
    groups = [{"params": [nn.Parameter(torch.ones(2))], "lr": rate} for rate in (0.1, 0.2)]
    optimizer = SGD(groups)
    recipe = Recipe(epochs=2, schedule=schedule)
    found = make_schedule(optimizer, recipe, STEPS)
    for _ in range(3):
        optimizer.step()
        found.after_step()
    one, two = (group["lr"] for group in optimizer.param_groups)
    assert two == pytest.approx(2 * one)
    assert not math.isclose(one, 0.1)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
@pytest.mark.parametrize("schedule", ["cosine", "linear", "one-cycle"])
def test_a_training_of_few_steps_has_rates_above_0(schedule, steps) -> None:
    recipe = Recipe(epochs=1, schedule=schedule)
    optimizer = make_optimizer(nn.Linear(2, 2), recipe)
    found = make_schedule(optimizer, recipe, steps)
    for _ in range(steps):
        assert 0 < optimizer.param_groups[0]["lr"] <= 0.02
        optimizer.step()
        found.after_step()


@pytest.mark.parametrize("schedule", ["constant", "exponential", "cosine", "linear", "one-cycle"])
def test_no_epochs_need_a_schedule_too(schedule) -> None:
    recipe = Recipe(epochs=0, schedule=schedule)
    assert make_schedule(make_optimizer(nn.Linear(2, 2), recipe), recipe, STEPS)
