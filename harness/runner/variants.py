"""From a request to variants: each model by each recipe and each combination of changed fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.contract import ModelPlugin
from harness.errors import RequestError
from harness.plugins import Host, parse_options
from harness.plugins.selection import Grid, change_recipe, combinations, parse_recipes
from harness.runner.choose import Chosen, names_of, recipe_names, select
from harness.runner.request import Request
from harness.schema import Recipe

# Enough for the order of the models to show, little enough for a first look of minutes.
QUICK_EPOCHS = 4


@dataclass(frozen=True)
class Variant:
    """A model with one of its recipes, and what the request changes of that.

    ``overrides`` are the fields that differ from the named recipe, ``given`` those that were set
    and have an effect, ``idle`` those that have none here, with the causes. ``look`` says that a
    first look set the epochs.
    """

    chosen: Chosen
    recipe_name: str
    recipe: Recipe
    overrides: dict[str, Any]
    given: frozenset[str]
    idle: Mapping[str, str]
    look: bool


def make_variants(request: Request, host: Host) -> list[Variant]:
    """Return what a request means before its data and seeds are looked at.

    Raises `RequestError` for a name or value that is not valid, and for an option that no variant
    heeds.
    """
    chosen = select(request, host)
    names = names_of(item.model for item in chosen)
    # A settings file is for many commands, and may speak of models that this one leaves out.
    others = names_of(model for model, _ in host.models).keys() - names.keys()
    options = parse_options(request.settings, names, others, "the settings file's option")
    typed = parse_options(request.options, names)
    for name, grid in typed.items():
        options.setdefault(name, {}).update(grid)
    recipes = parse_recipes(request.recipes, names)
    recipes = recipes or parse_recipes(request.recipe_settings, names, others)
    variants = [
        _variant(item, recipe, changes, quick=request.quick)
        for item in chosen
        for recipe in recipe_names(item.model, recipes)
        for changes in _changes(item.model, options)
    ]
    _check_effects(typed, variants)
    return variants


def _changes(model: ModelPlugin, options: Mapping[str, Grid]) -> list[dict[str, str]]:
    """Return every combination of the recipe fields that the user set for this model."""
    return combinations({**options.get("", {}), **options.get(model.name, {})})


def _variant(chosen: Chosen, recipe_name: str, changes: dict[str, str], *, quick: bool) -> Variant:
    model, where = chosen.model, f"model {chosen.model.name}"
    base = model.named_recipes[recipe_name]
    look = quick and "epochs" not in changes
    if look:
        changes = {"epochs": str(min(QUICK_EPOCHS, base.epochs)), **changes}
    own = model.own_optimizer
    idle = change_recipe(base, changes, where).without_effect(own_optimizer=own)
    # What changes nothing is no part of what this run is called, nor of the command it prints.
    given = {name: text for name, text in changes.items() if name not in idle}
    recipe = change_recipe(base, given, where)
    before, after = base.model_dump(), recipe.model_dump()
    overrides = {name: after[name] for name in sorted(given) if after[name] != before[name]}
    return Variant(chosen, recipe_name, recipe, overrides, frozenset(given), idle, look)


def _check_effects(options: Mapping[str, Grid], variants: Iterable[Variant]) -> None:
    """Refuse what the command line sets, for all models or for one, and none of the runs heeds."""
    variants = list(variants)
    for model, grid in options.items():
        concerned = [one for one in variants if model in ("", one.chosen.model.name)]
        for field in grid:
            causes = [one.idle.get(field) for one in concerned]
            if all(causes):
                because = " or ".join(sorted({cause for cause in causes if cause}))
                name = f"{model}.{field}" if model else field
                raise RequestError(f"-o {name}: has no effect with {because}; leave it out")
