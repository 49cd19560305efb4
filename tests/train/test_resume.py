"""Whatever the recipe, an interrupted run ends to the bit as an uninterrupted one."""

import pytest
import torch
from torch import nn

from harness.schema import Augment

CHANGES = {
    "plain": {},
    "augmented": {"augment": Augment(flip=True, shift=0.1, erase=0.2)},
    "gradient clipping": {"gradient_clipping": 0.1},
    "cosine after a warm-up": {"schedule": "cosine", "warmup": 1.5},
    "linear": {"schedule": "linear"},
    "one-cycle": {"schedule": "one-cycle"},
    "exponential after a warm-up": {"warmup": 0.5, "gamma": 0.5},
    "constant": {"schedule": "constant"},
    "early stopping": {"early_stopping": 3},
    "moving average": {"ema_decay": 0.9},
    "mixup": {"mixup": 0.4},
    "cutmix": {"cutmix": 1.0},
    "AdamW": {"optimizer": "AdamW", "learning_rate": 0.01},
    "Muon": {"optimizer": "Muon", "learning_rate": 0.01, "schedule": "linear"},
    "decay of matrices": {"weight_decay_on": "matrices", "weight_decay": 0.1},
    "everything": {
        "optimizer": "Muon",
        "nesterov": True,
        "weight_decay_on": "matrices",
        "schedule": "cosine",
        "warmup": 0.5,
        "gradient_clipping": 1.0,
        "ema_decay": 0.8,
        "mixup": 0.4,
        "cutmix": 1.0,
        "sampling": "balanced",
        "class_weights": "balanced",
        "label_smoothing": 0.1,
        "early_stopping": 3,
        "augment": Augment(flip=True, rotate=10),
    },
    "weighted classes": {"class_weights": "balanced"},
    "balanced sampling": {"sampling": "balanced"},
}


def test_images_grow_as_they_would_have_where_a_run_goes_on(run, plain) -> None:
    def network() -> nn.Module:
        torch.manual_seed(1)
        body = nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        return nn.Sequential(*body, nn.Linear(4, 3))

    growing = {"epochs": 4, "initial_scale": 0.5, "full_scale_from": 0.7}
    recipe = plain.model_copy(update=growing)
    whole, _, ear = run(recipe, name="whole", module=network())
    with pytest.raises(KeyboardInterrupt):
        run(recipe, name="parts", module=network(), stop_at=3)
    resumed, _, rest = run(recipe, name="parts", module=network())
    assert rest.without_clocks() == ear.without_clocks()[2:]
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name]), name


@pytest.mark.parametrize("stop_at", [1, 3])
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_an_interrupted_run_ends_to_the_bit_as_an_uninterrupted_one(
    run, plain, changes, stop_at
) -> None:
    recipe = plain.model_copy(update={"epochs": 4, **changes})
    whole, selected, ear = run(recipe, name="whole")
    with pytest.raises(KeyboardInterrupt):
        run(recipe, name="parts", stop_at=stop_at)
    resumed, selected_again, rest = run(recipe, name="parts")
    assert rest.resumed == [stop_at - 1]
    assert selected_again == selected
    assert rest.without_clocks() == ear.without_clocks()[stop_at - 1 :]
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name]), name


@pytest.mark.parametrize("changes", [{}, {"mixup": 0.4, "label_smoothing": 0.1}], ids=str)
def test_so_does_one_that_is_trained_on_votes(run, plain, soft, changes) -> None:
    recipe = plain.model_copy(update={"epochs": 4, "targets": "votes", **changes})
    whole, _, ear = run(recipe, name="whole", batches=soft)
    with pytest.raises(KeyboardInterrupt):
        run(recipe, name="parts", stop_at=3, batches=soft)
    resumed, _, rest = run(recipe, name="parts", batches=soft)
    assert rest.resumed == [2]
    assert rest.without_clocks() == ear.without_clocks()[2:]
    for name, value in resumed.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name]), name
