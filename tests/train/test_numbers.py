"""What training computes, held to numbers: who changes them says whose runs are made again."""

import pytest
import torch
from torch import nn

from harness.data.splits import open_splits
from harness.schema import Augment, Recipe
from harness.tensors.batches import load_batches

CHANGED = (
    "training computes something else than it did. If that is meant, add a line to REVISIONS "
    "(harness/runner/revisions.py) with the recipes that it concerns, so that their runs are made "
    "again, and write the new numbers here"
)

# Fields of a recipe, then the losses of its third epoch on the training and validation images.
NUMBERS = {
    "the parts of the default": ({}, 1.010333, 0.981187),
    "Nesterov, warm-up, linear": (
        {
            "nesterov": True,
            "weight_decay_on": "matrices",
            "label_smoothing": 0.1,
            "schedule": "linear",
            "warmup": 1.0,
        },
        1.045339,
        1.029328,
    ),
    "AdamW, cosine, average of weights, clipping": (
        {
            "optimizer": "AdamW",
            "learning_rate": 0.01,
            "schedule": "cosine",
            "ema_decay": 0.9,
            "gradient_clipping": 0.5,
        },
        1.011842,
        1.012903,
    ),
    "Muon, one-cycle": (
        {"optimizer": "Muon", "learning_rate": 0.01, "schedule": "one-cycle"},
        1.036266,
        1.035858,
    ),
    "augmentation, images by themselves": (
        {
            "normalize": "image",
            "augment": Augment(flip=True, shift=0.1, rotate=10, scale=0.1, erase=0.2),
        },
        1.036527,
        0.994883,
    ),
    "mixup, balanced sampling": ({"mixup": 0.4, "sampling": "balanced"}, 1.069813, 1.002530),
    "cutmix, balanced weights": ({"cutmix": 1.0, "class_weights": "balanced"}, 1.063725, 1.017091),
    "growing images": ({"initial_scale": 0.5, "full_scale_from": 0.6}, 0.938278, 0.891738),
}


def small() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(0.2), nn.Linear(72, 3)),
    )


@pytest.mark.parametrize("what", NUMBERS)
def test_training_computes_what_it_did(run, tiny, plain, what) -> None:
    fields, train_loss, valid_loss = NUMBERS[what]
    recipe = Recipe.model_validate(plain.model_dump() | {"learning_rate": 0.03} | fields)
    device = torch.device("cpu")
    batches = load_batches(open_splits(tiny), device, normalize=recipe.normalize)
    _, _, ear = run(recipe, batches=batches, module=small())
    found = ear.epochs[-1]
    # Processors differ in how they round, by far less than a change of what is computed.
    assert found.train_loss == pytest.approx(train_loss, rel=1e-4), CHANGED
    assert found.valid_loss == pytest.approx(valid_loss, rel=1e-4), CHANGED


ELSE = {"momentum": 0.5, "nesterov": True, "gamma": 0.5, "weight_decay_on": "matrices"}
ELSE |= {"full_scale_from": 0.1}
EFFECTIVE = {"weight_decay": 0.05, "initial_scale": 0.5, "gamma": 0.9}


@pytest.mark.parametrize(
    "fields",
    [
        EFFECTIVE,
        EFFECTIVE | {"optimizer": "AdamW"},
        EFFECTIVE | {"optimizer": "Muon", "schedule": "cosine"},
        EFFECTIVE | {"schedule": "one-cycle", "weight_decay": 0},
        EFFECTIVE | {"schedule": "constant", "initial_scale": 1},
    ],
    ids=str,
)
def test_a_field_is_without_effect_exactly_where_the_recipe_says_so(run, tiny, plain, fields):
    base = Recipe.model_validate(plain.model_dump() | {"learning_rate": 0.03} | fields)
    batches = load_batches(open_splits(tiny), torch.device("cpu"))

    def weights(**change):
        recipe, name = base.model_copy(update=change), "-".join(["run", *change])
        module, _, _ = run(recipe, name=name, batches=batches, module=small())
        return torch.cat([value.flatten().double() for value in module.state_dict().values()])

    before = weights()
    same = {name for name, value in ELSE.items() if torch.equal(weights(**{name: value}), before)}
    assert same == base.without_effect().keys() & ELSE.keys()
