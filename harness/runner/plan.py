"""From a request to runs: which are made, which are reused, and why."""

from dataclasses import dataclass
from pathlib import Path

from harness.contract import ModelPlugin
from harness.data.soft import check_votes_for_training
from harness.data.splits import Splits
from harness.measure.environment import environment
from harness.plugins import Host, parse_options
from harness.plugins.selection import Grid, change_recipe, combinations, parse_recipes
from harness.runner.choose import Chosen, names_of, recipe_names, recipes_of, select
from harness.runner.command import Words, command_line, model_words
from harness.runner.keys import common_parts, run_key, speed_key, train_key
from harness.runner.reassess import outdated
from harness.runner.request import Request
from harness.schema import AuditCard, RunRecord, RunSpec
from harness.store import Store
from harness.tensors.device import Policy

# Enough for the order of the models to show, little enough for a first look of two minutes.
QUICK_EPOCHS = 4


@dataclass(frozen=True)
class Setting:
    """What a request is resolved against: the data, how to compute, and what there is already.

    ``audit`` is that of the data, stored in the folder ``audited``, if there is one;
    ``data_plugin`` is the ``-p`` option whose plugin brought the data.
    """

    folder: Path
    splits: Splits
    policy: Policy
    store: Store
    audit: AuditCard | None = None
    audited: Path | None = None
    data_plugin: str | None = None


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
    """Resolve a request. Raises `RequestError` for a name or value that is not valid.

    Raises `DataError` where it asks to train on votes that the data does not have.
    """
    chosen = select(request, host)
    names = names_of(item.model for item in chosen)
    # A settings file is for many commands, and may speak of models that this one leaves out.
    others = names_of(model for model, _ in host.models).keys() - names.keys()
    options = parse_options(request.settings, names, others)
    for name, grid in parse_options(request.options, names).items():
        options.setdefault(name, {}).update(grid)
    recipes = parse_recipes(request.recipes, names)
    recipes = recipes or parse_recipes(request.recipe_settings, names, others)
    specs = [
        spec
        for item in chosen
        for recipe in recipe_names(item.model, recipes)
        for changes in _recipe_changes(item.model, options)
        for spec in _specs(request, setting, item, recipe, changes)
    ]
    # Two ways to write one run are one run.
    unique = {spec.key: spec for spec in specs}.values()
    # What is there and cannot be read may be of a later version, and is not to be overwritten.
    problems = {} if request.force else {spec.key: setting.store.problem(spec) for spec in unique}
    damaged = [
        (f"{model_words(spec.model, spec.arguments)} seed {spec.seed}", problem)
        for spec in unique
        if (problem := problems.get(spec.key))
    ]
    runs = [plan_run(s, setting.store, request.force) for s in unique if not problems.get(s.key)]
    return Plan(tuple(runs), (*find_broken(host, request.every), *damaged))


def _recipe_changes(model: ModelPlugin, options: dict[str, Grid]) -> list[dict[str, str]]:
    """Return every combination of the recipe fields that the user set for this model."""
    return combinations({**options.get("", {}), **options.get(model.name, {})})


def find_broken(host: Host, every: bool) -> tuple[tuple[str, str], ...]:
    """Return what was asked for and cannot be had: a name, and the reason.

    ``-p`` asks for one plugin, ``--all`` for every one and for every model.
    """
    failed = [
        (f"plugin {plugin.name}", plugin.error or "")
        for plugin in host.failed
        if every or plugin.option
    ]
    conflicts = [
        (f"model {name}", f"brought by {' and '.join(owners)}; drop one")
        for name, owners in host.conflicts().items()
    ]
    return (*failed, *(conflicts if every else ()))


def _specs(
    request: Request, setting: Setting, chosen: Chosen, recipe_name: str, changes: dict[str, str]
) -> list[RunSpec]:
    splits, policy, model, card = setting.splits, setting.policy, chosen.model, chosen.plugin.card()
    base = recipes_of(model)[recipe_name]
    if request.quick:
        changes = {"epochs": str(min(QUICK_EPOCHS, base.epochs)), **changes}
    recipe = change_recipe(base, changes, f"model {model.name}")
    if "targets" in changes and recipe.targets == "votes":
        # What a model's own recipe asks for in vain is that model's failure, and no other's.
        check_votes_for_training(splits)
    before, after = base.model_dump(), recipe.model_dump()
    overrides = {name: after[name] for name in sorted(changes) if after[name] != before[name]}
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
            revisions=tuple(common.get("revisions", ())),
            plugin=card,
            plugins=own,
            dataset=splits.card(),
            audit=setting.audit,
            data=str(setting.folder.resolve()),
            audited=str(setting.audited.resolve()) if setting.audited else None,
            store=str(setting.store.root.resolve()),
            command=command_line(
                Words(
                    model.name, chosen.arguments, named, request.data_words, recipe_name, repeated
                ),
                policy,
                seed,
            ),
        )
        for seed in request.seeds
    ]


def plan_run(spec: RunSpec, store: Store, force: bool) -> Planned:
    """Return whether a run is made, reused or gone on with, and why, by what the store holds."""
    if force:
        return Planned(spec, None, "made again (--force)")
    if stored := store.finished(spec):
        why = f"reused: {stored.status} at {stored.finished_at}"
        again = ", assessed by the new audit of its data" if outdated(spec, stored) else ""
        return Planned(spec, stored, why + again)
    reusing = reuse_weights(spec, store)
    if reusing:
        return reusing
    if store.checkpointed(spec):
        epochs = len(store.epochs(spec))
        return Planned(spec, None, f"resumed after {epochs} of {spec.recipe.epochs} epochs")
    if stored := store.find(spec):
        return Planned(spec, None, f"tried again: {stored.status} before")
    return Planned(spec, None, "new" + _by_other_threads(spec, store))


def _by_other_threads(spec: RunSpec, store: Store) -> str:
    """Say that a finished run differs in nothing but the number of its threads, if one does."""
    for _, record in store.of_model_and_seed(spec):
        if record.status == "done" and record.threads != spec.threads:
            common = common_parts(
                spec.plugin,
                spec.model,
                spec.arguments,
                spec.recipe,
                device=spec.device,
                precision=spec.precision,
                threads=record.threads,
                votes=spec.dataset.votes_sha256,
            )
            if run_key(common, spec.dataset.fingerprint, spec.seed) == record.key:
                return f": the one that is there had --threads {record.threads}"
    return ""


def reuse_weights(spec: RunSpec, store: Store) -> Planned | None:
    """Plan to take over the weights of a run on this machine that trained alike, if there is one.

    One from another machine would bring its times of training along.
    """
    for other in store.trained_alike(spec) if spec.recipe.epochs else ():
        here = environment(spec.device).machine
        if other.environment is not None and other.environment.machine == here:
            taking = spec.model_copy(update={"weights_of": other.key})
            return Planned(taking, None, f"weights reused from {other.seed}-{other.key[:12]}")
    return None
