"""The loss that training minimises: cross-entropy as the recipe says, or the model's own."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from harness.errors import RunError
from harness.schema import Recipe

Loss = Callable[[Tensor, Tensor], Tensor]


def choose_loss(own: Loss | None, recipe: Recipe, counts: Tensor) -> Loss:
    """Return the model's ``own`` loss, else the recipe's; ``counts`` are images a class.

    Raises `RunError` for a field of the recipe that an own loss would leave without effect.
    """
    if own is None:
        return make_loss(recipe, counts)
    for field in ("class_weights", "label_smoothing", "targets", "teachers"):
        value, default = getattr(recipe, field), Recipe.model_fields[field].default
        if value != default:
            raise RunError(
                f"{field}={value} has no effect on the loss that this model brings itself; "
                f"set {field}={default}"
            )
    return own


def make_loss(recipe: Recipe, counts: Tensor | None = None) -> Loss:
    """Return the recipe's loss of logits ``(N, classes)`` and labels ``(N,)``.

    In place of labels it takes shares of the classes ``(N, classes)``. ``counts`` are images a
    class in the training split; without them all classes weigh the same.
    """
    weight = None
    if recipe.class_weights == "balanced" and counts is not None:
        weight = balanced_weights(counts)
    return nn.CrossEntropyLoss(weight=weight, label_smoothing=recipe.label_smoothing)


def balanced_weights(counts: Tensor) -> Tensor:
    """Return ``n / (classes × n_c)`` as float32 ``(classes,)``; 0 for a class without images.

    ``classes`` are those that occur. After King and Zeng 2001, as in
    `sklearn.utils.class_weight.compute_class_weight`.
    """
    occurring = counts > 0
    weights = counts.sum() / (occurring.sum() * counts.clamp_min(1))
    return torch.where(occurring, weights, 0.0)
