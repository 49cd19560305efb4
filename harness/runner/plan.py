"""From a request to runs: which are made, which are reused, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.contract import ModelPlugin
from harness.data.splits import Splits
from harness.errors import RequestError, unknown
from harness.plugins import Choice, Host, parse_options, parse_selection
from harness.plugins.local import absolute
from harness.plugins.selection import change_recipe, check_arguments
from harness.runner.command import command_line
from harness.runner.keys import common_parts, run_key, speed_key
from harness.schema import PluginCard, Recipe, RunRecord, RunSpec
from harness.store import FINAL, Store
from harness.tensors.device import Policy

# Enough for the order of the models to show, little enough for a first look of two minutes.
QUICK_EPOCHS = 4
# Whoever asks for more has written a seed, and not how many.
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Request:
    """What the user asked for, as words: nothing of it has been looked up yet."""

    models: tuple[str, ...] = ()
    every: bool = False
    seeds: tuple[int, ...] = (0,)
    recipe: str = "default"
    options: tuple[str, ...] = ()
    quick: bool = False
    force: bool = False
    plugins: tuple[str, ...] = ()
    data_words: str = ""


@dataclass(frozen=True)
class Setting:
    """What a request is resolved against: the data, how to compute, and what there is already."""

    folder: Path
    splits: Splits
    policy: Policy
    store: Store


@dataclass(frozen=True)
class Planned:
    """A run, its stored record if that is final, and why it is made or reused."""

    spec: RunSpec
    stored: RunRecord | None
    why: str


@dataclass(frozen=True)
class Plan:
    """All runs of a request, and what of it cannot even be planned, with the reasons."""

    runs: tuple[Planned, ...]
    broken: tuple[tuple[str, str], ...] = ()


def make_plan(request: Request, host: Host, setting: Setting) -> Plan:
    """Resolve a request. Raises `RequestError` for a name or value that is not valid."""
    chosen = select(request, host)
    names = {word: model.name for model, _, _ in chosen for word in (model.name, *model.aliases)}
    options = parse_options(request.options, names)
    runs = [
        _planned(spec, setting.store, request.force)
        for model, card, arguments in chosen
        for spec in _specs(request, setting, options, model, card, arguments)
    ]
    return Plan(tuple(runs), _broken(host) if request.every else ())


def _broken(host: Host) -> tuple[tuple[str, str], ...]:
    """Return what --all asks for and cannot have: a name, and the reason."""
    failed = [(f"plugin {plugin.name}", plugin.error or "") for plugin in host.failed]
    conflicts = [
        (f"model {name}", f"brought by {' and '.join(owners)}; drop one")
        for name, owners in host.conflicts().items()
    ]
    return (*failed, *conflicts)


def select(request: Request, host: Host) -> list[tuple[ModelPlugin, PluginCard, dict[str, Any]]]:
    """Return the selected models, each with its plugin and the arguments that were set."""
    conflicts = host.conflicts()
    choices = [parse_selection(text) for text in request.models]
    if request.every:
        choices += [Choice(model.name) for model, _ in host.models if model.name not in conflicts]
    if not choices and request.every:
        raise RequestError("no plugin brings a model; `harness list` says why")
    if not choices:
        raise RequestError("name the models to run, or give --all; `harness list` shows them")
    chosen = []
    for choice in choices:
        model, plugin = host.find_model(choice.name)
        arguments = check_arguments("model", choice, model.arguments)
        # What is set to its default is the same model.
        arguments = {k: v for k, v in arguments.items() if v != model.arguments[k]}
        item = (model, plugin.card(), arguments)
        if item not in chosen:
            chosen.append(item)
    return chosen


def _specs(
    request: Request,
    setting: Setting,
    options: dict[str, dict[str, str]],
    model: ModelPlugin,
    card: PluginCard,
    arguments: dict[str, Any],
) -> list[RunSpec]:
    splits, policy = setting.splits, setting.policy
    base, recipe_name = _named_recipe(model, request.recipe)
    changes = {**options.get("", {}), **options.get(model.name, {})}
    if request.quick:
        changes = {"epochs": str(min(QUICK_EPOCHS, base.epochs)), **changes}
    recipe = change_recipe(base, changes, f"model {model.name}")
    before, after = base.model_dump(), recipe.model_dump()
    overrides = {name: after[name] for name in sorted(changes) if after[name] != before[name]}
    # Where no data is named, a first look is implied: its command says how long the look was.
    repeated = {**overrides, "epochs": recipe.epochs} if request.quick else overrides
    common = common_parts(
        card,
        model.name,
        arguments,
        recipe,
        device=policy.device,
        precision=policy.precision,
        threads=policy.threads,
    )
    return [
        RunSpec(
            key=run_key(common, splits.fingerprint, seed),
            speed_key=speed_key(common, splits.input_shape, splits.num_classes),
            model=model.name,
            arguments=arguments,
            recipe_name=recipe_name,
            overrides=overrides,
            recipe=recipe,
            seed=seed,
            device=policy.device,
            precision=policy.precision,
            threads=policy.threads,
            plugin=card,
            plugins=tuple(absolute(option) for option in request.plugins),
            dataset=splits.card(),
            data=str(setting.folder.resolve()),
            store=str(setting.store.root.resolve()),
            command=command_line(
                request, policy, model.name, arguments, recipe_name, repeated, seed
            ),
        )
        for seed in request.seeds
    ]


def _named_recipe(model: ModelPlugin, name: str) -> tuple[Recipe, str]:
    recipes = {"default": model.recipe, **model.recipes}
    if name not in recipes:
        raise RequestError(f"model {model.name}: {unknown('recipe', name, recipes)}")
    return recipes[name], name


def _planned(spec: RunSpec, store: Store, force: bool) -> Planned:
    stored = store.find(spec)
    if force:
        return Planned(spec, None, "made again (--force)")
    if stored and stored.status in FINAL:
        return Planned(spec, stored, f"reused: {stored.status} at {stored.finished_at}")
    if store.checkpointed(spec):
        epochs = len(store.epochs(spec))
        return Planned(spec, None, f"resumed after {epochs} of {spec.recipe.epochs} epochs")
    if stored:
        return Planned(spec, None, f"tried again: {stored.status} before")
    return Planned(spec, None, "new")


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read ``5`` as the seeds 0 to 4, and ``0,7`` as a list. Raises `RequestError` otherwise."""
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise RequestError(f"--seeds {text}: give a count like 5, or a list like 0,7") from error
    seeds: Sequence[int] = numbers if "," in text else range(sum(numbers))
    if len(seeds) > MOST_SEEDS:
        raise RequestError(f"--seeds {text}: that is a count; write {text}, for this one seed")
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise RequestError(f"--seeds {text}: give a count from 1, or a list of different seeds")
    return tuple(seeds)
