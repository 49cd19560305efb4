"""From a request to specs: every run that its words mean."""

from dataclasses import dataclass
from pathlib import Path

from harness.data.soft import check_votes_for_training
from harness.data.splits import Splits
from harness.plugins import Host
from harness.runner.command import command_line
from harness.runner.keys import common_parts, run_key, speed_key, train_key
from harness.runner.request import Request
from harness.runner.teachers import with_teachers
from harness.runner.variants import Variant, make_variants
from harness.schema import RunSpec
from harness.store import Store
from harness.tensors.device import Policy


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


def make_specs(request: Request, host: Host, setting: Setting) -> tuple[RunSpec, ...]:
    """Resolve a request, without a look at what is stored.

    Raises `RequestError` for a name or value that is not valid, `DataError` where it asks to train
    on votes that the data does not have.
    """
    specs = (spec for one in make_variants(request, host) for spec in _specs(request, setting, one))
    # Two ways to write one run are one run.
    return tuple({spec.key: spec for spec in specs}.values())


def _specs(request: Request, setting: Setting, variant: Variant) -> list[RunSpec]:
    splits, policy, chosen = setting.splits, setting.policy, variant.chosen
    recipe = with_teachers(variant.recipe, Store(setting.results), splits)
    overrides = dict(variant.overrides)
    if "teachers" in overrides:
        overrides["teachers"] = recipe.teachers
    model, card = chosen.model, chosen.plugin.card()
    arguments = chosen.arguments(variant.recipe_name)
    if "targets" in variant.given and recipe.targets == "votes":
        # What a model's own recipe asks for in vain is that model's failure, and no other's.
        check_votes_for_training(splits)
    # Where no data is named, a first look is implied: its command says how long the look was.
    look = {"epochs": recipe.epochs} if request.quick else {}
    common = common_parts(
        card,
        model.name,
        arguments,
        recipe,
        device=policy.device,
        precision=policy.precision,
        threads=policy.threads,
        votes=splits.votes_sha256,
        own_optimizer=model.own_optimizer,
    )
    # A child needs the one plugin of its model; who repeats the run, that of its data as well.
    own = (chosen.plugin.option,) if chosen.plugin.option else ()
    named = tuple(dict.fromkeys((*own, *filter(None, (setting.data_plugin,)))))
    return [
        RunSpec(
            key=run_key(common, splits.fingerprint, seed),
            train_key=train_key(common, splits.fingerprint, seed),
            speed_key=speed_key(
                common, recipe, splits.input_shape, splits.num_classes, splits.card().counts
            ),
            model=model.name,
            arguments=arguments,
            recipe_name=variant.recipe_name,
            overrides=overrides,
            recipe=recipe,
            seed=seed,
            device=policy.device,
            precision=policy.precision,
            threads=policy.threads,
            own_optimizer=model.own_optimizer,
            revisions=tuple(common.get("revisions", ())),
            quick=variant.look and "epochs" in overrides,
            plugin=card,
            plugins=own,
            dataset=splits.card(),
            data=str(setting.folder.resolve()),
            store=str(setting.results.resolve()),
            command=command_line(
                model.name,
                chosen.stated(variant.recipe_name),
                policy,
                seed,
                plugins=named,
                data=request.data_words,
                recipe=variant.recipe_name,
                overrides=overrides | look,
            ),
        )
        for seed in request.seeds
    ]
