"""From a request to specs: every run that its words mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.contract import ModelPlugin
from harness.data.soft import check_votes_for_training
from harness.data.splits import Splits
from harness.errors import RequestError
from harness.plugins import Host, parse_options
from harness.plugins.selection import Grid, change_recipe, combinations, parse_recipes
from harness.runner.choose import Chosen, names_of, recipe_names, recipes_of, select
from harness.runner.command import command_line
from harness.runner.keys import common_parts, run_key, speed_key, train_key
from harness.runner.request import Request
from harness.schema import Recipe, RunSpec
from harness.tensors.device import Policy

# Enough for the order of the models to show, little enough for a first look of minutes.
QUICK_EPOCHS = 4


@dataclass(frozen=True)
class Setting:
    """What a request is resolved against: the data, how to compute, and the results folder.

    ``data_plugin`` is the ``-p`` option whose plugin brought the data.
    """

    folder: Path
    splits: Splits
    policy: Policy
    results: Path
    data_plugin: str | None = None


@dataclass(frozen=True)
class Variant:
    """A model with one of its recipes and a combination of what the user set of it.

    ``changed`` are the fields that were set and have an effect, ``idle`` those that have none in
    ``recipe``, with the causes; ``look`` says whether a first look shortens it.
    """

    chosen: Chosen
    recipe_name: str
    recipe: Recipe
    changed: frozenset[str]
    idle: Mapping[str, str]
    look: bool


def make_specs(request: Request, host: Host, setting: Setting) -> tuple[RunSpec, ...]:
    """Resolve a request, without a look at what is stored.

    Raises `RequestError` for a name or value that is not valid, `DataError` where it asks to train
    on votes that the data does not have.
    """
    chosen = select(request, host)
    names = names_of(item.model for item in chosen)
    # A settings file is for many commands, and may speak of models that this one leaves out.
    others = names_of(model for model, _ in host.models).keys() - names.keys()
    options = parse_options(request.settings, names, others, "the settings file's option")
    for name, grid in parse_options(request.options, names).items():
        options.setdefault(name, {}).update(grid)
    recipes = parse_recipes(request.recipes, names)
    recipes = recipes or parse_recipes(request.recipe_settings, names, others)
    variants = [
        _variant(request, item, recipe, changes)
        for item in chosen
        for recipe in recipe_names(item.model, recipes)
        for changes in _recipe_changes(item.model, options)
    ]
    _check_effects(parse_options(request.options, names), variants)
    specs = (spec for variant in variants for spec in _specs(request, setting, variant))
    # Two ways to write one run are one run.
    return tuple({spec.key: spec for spec in specs}.values())


def _recipe_changes(model: ModelPlugin, options: dict[str, Grid]) -> list[dict[str, str]]:
    """Return every combination of the recipe fields that the user set for this model."""
    return combinations({**options.get("", {}), **options.get(model.name, {})})


def _variant(
    request: Request, chosen: Chosen, recipe_name: str, changes: dict[str, str]
) -> Variant:
    model = chosen.model
    base = recipes_of(model)[recipe_name]
    look = request.quick and "epochs" not in changes
    if look:
        changes = {"epochs": str(min(QUICK_EPOCHS, base.epochs)), **changes}
    where = f"model {model.name}"
    own = model.optimizer is not None
    idle = change_recipe(base, changes, where).without_effect(own_optimizer=own)
    # What changes nothing is no part of what this run is called, nor of the command it prints.
    changes = {name: text for name, text in changes.items() if name not in idle}
    recipe = change_recipe(base, changes, where)
    return Variant(chosen, recipe_name, recipe, frozenset(changes), idle, look)


def _check_effects(options: Mapping[str, Grid], variants: Iterable[Variant]) -> None:
    """Refuse what the command line sets, for all models or for one, and none of the runs heeds."""
    for model, grid in options.items():
        concerned = [one for one in variants if model in ("", one.chosen.model.name)]
        for field in grid:
            causes = [one.idle.get(field) for one in concerned]
            if all(causes):
                because = " or ".join(sorted({cause for cause in causes if cause}))
                name = f"{model}.{field}" if model else field
                raise RequestError(f"-o {name}: has no effect with {because}; leave it out")


def _specs(request: Request, setting: Setting, variant: Variant) -> list[RunSpec]:
    splits, policy, chosen, recipe = setting.splits, setting.policy, variant.chosen, variant.recipe
    model, card, recipe_name = chosen.model, chosen.plugin.card(), variant.recipe_name
    base = recipes_of(model)[recipe_name]
    if "targets" in variant.changed and recipe.targets == "votes":
        # What a model's own recipe asks for in vain is that model's failure, and no other's.
        check_votes_for_training(splits)
    before, after = base.model_dump(), recipe.model_dump()
    overrides = {
        name: after[name] for name in sorted(variant.changed) if after[name] != before[name]
    }
    # Where no data is named, a first look is implied: its command says how long the look was.
    repeated = {**overrides, "epochs": recipe.epochs} if request.quick else overrides
    common = common_parts(
        card,
        model.name,
        chosen.arguments,
        recipe,
        device=policy.device,
        precision=policy.precision,
        threads=policy.threads,
        votes=splits.votes_sha256,
        own_optimizer=model.optimizer is not None,
    )
    # A child needs the one plugin of its model; who repeats the run, that of its data as well.
    own = (chosen.plugin.option,) if chosen.plugin.option else ()
    named = tuple(dict.fromkeys((*own, *filter(None, (setting.data_plugin,)))))
    return [
        RunSpec(
            key=run_key(common, splits.fingerprint, seed),
            train_key=train_key(common, splits.fingerprint, seed),
            speed_key=speed_key(common, recipe, splits.input_shape, splits.num_classes),
            model=model.name,
            arguments=chosen.arguments,
            recipe_name=recipe_name,
            overrides=overrides,
            recipe=recipe,
            seed=seed,
            device=policy.device,
            precision=policy.precision,
            threads=policy.threads,
            own_optimizer=model.optimizer is not None,
            revisions=tuple(common.get("revisions", ())),
            quick=variant.look and "epochs" in overrides,
            plugin=card,
            plugins=own,
            dataset=splits.card(),
            data=str(setting.folder.resolve()),
            store=str(setting.results.resolve()),
            command=command_line(
                model.name,
                chosen.arguments,
                policy,
                seed,
                plugins=named,
                data=request.data_words,
                recipe=recipe_name,
                overrides=repeated,
            ),
        )
        for seed in request.seeds
    ]
