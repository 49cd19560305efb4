"""`ModelPlugin`: what a plugin says of one model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.contract.callables import (
    check_name,
    check_summary,
    check_values,
    is_text,
    keyword_arguments,
)
from harness.errors import PluginError, unknown
from harness.schema import Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class ModelPlugin:
    """One model, with all that the harness needs to train, evaluate and time it.

    Parameters
    ----------
    name
        Unique name, matching ``[a-z0-9][a-z0-9._-]*``.
    build
        ``build(input_shape, num_classes, **arguments)`` returns the ``torch.nn.Module``;
        ``input_shape`` is ``(channels, height, width)``. The module takes float images
        ``(N, C, H, W)``, normalised by the training split's mean and deviation (or each by its
        own, if the recipe says so), and returns logits ``(N, num_classes)``. Every further argument
        needs a default; users set it by ``name[argument=value]``. Import torch inside of ``build``,
        so that ``harness list`` stays quick.
    recipe
        How the model is trained when the user says nothing else.
    recipes
        Further recipes by name, chosen by ``--recipe``.
    recipe_arguments
        Arguments of ``build`` that a further recipe brings, by its name: for a user who sets
        others, those count.
    summary
        One line for ``harness list``.
    aliases
        Other names by which users may select the model.
    pretrained
        What foreign data the weights have seen (``"ImageNet-1k"``); stands in the protocol.
    loss
        ``loss(logits, labels)`` returns a scalar to minimise, instead of cross-entropy.
    optimizer
        ``optimizer(module, recipe)`` returns the optimizer, instead of the recipe's own.
    supports
        ``supports(input_shape, num_classes)`` returns None, or the reason why the model cannot
        be built for such images or classes.
    """

    name: str
    build: Callable[..., nn.Module]
    recipe: Recipe = field(default_factory=Recipe)
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    recipe_arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    summary: str = ""
    aliases: Iterable[str] = ()
    pretrained: str | None = None
    loss: Callable[[Tensor, Tensor], Tensor] | None = None
    optimizer: Callable[[nn.Module, Recipe], Optimizer] | None = None
    supports: Callable[[tuple[int, int, int], int], str | None] | None = None

    @property
    def own_optimizer(self) -> bool:
        """Whether the model brings its optimizer, which may heed any field of the recipe."""
        return self.optimizer is not None

    @property
    def named_recipes(self) -> dict[str, Recipe]:
        """All recipes by their names: ``default`` first, then the further ones."""
        return {"default": self.recipe, **self.recipes}

    def __post_init__(self) -> None:
        check_name("model", self.name)
        if isinstance(self.aliases, str):
            raise PluginError(f"aliases of model {self.name!r} must be a tuple of names, not a str")
        # An iterator could be read only once.
        object.__setattr__(self, "aliases", tuple(self.aliases))
        for alias in self.aliases:
            check_name("model", alias)
        check_summary("model", self.name, self.summary)
        for attribute in ("build", "loss", "optimizer", "supports"):
            value = getattr(self, attribute)
            if not callable(value) and (attribute == "build" or value is not None):
                raise PluginError(
                    f"{attribute} of model {self.name!r} must be a function, not {value!r}"
                )
        if self.pretrained is not None and not is_text(self.pretrained):
            raise PluginError(
                f"pretrained of model {self.name!r} must name the data (a str) or be None, "
                f"not {self.pretrained!r}"
            )
        if "default" in self.recipes:
            raise PluginError(f"recipes of model {self.name!r}: 'default' is what recipe= sets")
        for name, recipe in self.named_recipes.items():
            check_name("recipe", name)
            if not isinstance(recipe, Recipe):
                raise PluginError(
                    f"recipe {name!r} of model {self.name!r} must be a harness.Recipe, "
                    f"not {recipe!r}"
                )
        defaults = keyword_arguments(self.build, positional=2)
        brought = {
            name: check_values(f"recipe {name!r} of model {self.name!r}", values, defaults)
            for name, values in self.recipe_arguments.items()
        }
        for name in brought:
            if name not in self.recipes:
                raise PluginError(
                    f"recipe_arguments of model {self.name!r}: "
                    f"{unknown('recipe', str(name), self.recipes)}; defaults of build are those of "
                    "its own"
                )
        object.__setattr__(self, "recipe_arguments", brought)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of ``build`` that users may set, with their defaults."""
        return keyword_arguments(self.build, positional=2)
