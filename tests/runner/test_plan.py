import dataclasses
import shlex

import pytest

from harness.data.splits import open_splits
from harness.errors import DataError, RequestError
from harness.measure.environment import environment
from harness.plugins import discover
from harness.runner import Request, Setting, make_plan, parse_seeds, select
from harness.runner.plan import QUICK_EPOCHS
from harness.schema import Epoch, RunRecord
from harness.store import Store
from harness.tensors.device import Policy

PLUGIN = """
from harness import ModelPlugin, Recipe, hookimpl

def build(input_shape, num_classes, width=8, norm="batch"):
    raise AssertionError("a plan builds nothing")

@hookimpl
def harness_models():
    recipes = {"strong": Recipe(epochs=30)}
    return [
        ModelPlugin(name="net", build=build, aliases=("little",), recipes=recipes),
        ModelPlugin(name="short", build=build, recipe=Recipe(epochs=2)),
    ]
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


@pytest.fixture
def plan(tmp_path, tiny, store):
    """Plan a request on the tiny data, with the models of the plugin above."""
    (tmp_path / "net.py").write_text(PLUGIN)

    def plan(*models, plugins=(), policy=None, **words):
        options = (str(tmp_path / "net.py"), *map(str, plugins))
        request = Request(models=models, plugins=options, data_words="tiny", **words)
        policy = policy or Policy("cpu", "float32", 1)
        return make_plan(
            request, discover(options), Setting(tiny, open_splits(tiny), policy, store)
        )

    return plan


@pytest.fixture
def spec(plan):
    return plan("net").runs[0].spec


def keep(store, spec, status="done", **fields):
    """Store a record of ``spec``."""
    shared = {name: getattr(spec, name) for name in RunRecord.model_fields if hasattr(spec, name)}
    shared.pop("schema_version", None)
    store.save(RunRecord(**shared, status=status, finished_at="2026-01-02", reason="why", **fields))


def checkpoint(store, spec, epochs):
    store.run_folder(spec).mkdir(parents=True, exist_ok=True)
    (store.run_folder(spec) / "checkpoint.pt").touch()
    for number in range(1, epochs + 1):
        numbers = dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}
        store.append_epoch(spec, Epoch(**numbers))


def why(plan):
    (run,) = plan.runs
    return run.stored is not None, run.why


# Why


def test_what_is_not_there_is_new(plan):
    assert why(plan("net")) == (False, "new")


@pytest.mark.parametrize("status", ["done", "unsupported"])
def test_what_is_final_is_reused(plan, store, spec, status):
    keep(store, spec, status)
    assert why(plan("net")) == (True, f"reused: {status} at 2026-01-02")


@pytest.mark.parametrize("status", ["failed", "timeout", "interrupted"])
def test_what_came_to_no_result_is_tried_again(plan, store, spec, status):
    keep(store, spec, status)
    assert why(plan("net")) == (False, f"tried again: {status} before")


def test_what_left_a_checkpoint_is_resumed(plan, store, spec):
    checkpoint(store, spec, 3)
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_what_failed_with_a_checkpoint_is_resumed(plan, store, spec):
    checkpoint(store, spec, 3)
    keep(store, spec, "interrupted")
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_a_power_cut_in_the_middle_of_a_line_does_not_stop_resuming(plan, store, spec):
    checkpoint(store, spec, 3)
    with (store.run_folder(spec) / "epochs.jsonl").open("a") as file:
        file.write('{"epoch": 4, "train_')
    assert why(plan("net")) == (False, "resumed after 3 of 200 epochs")


def test_force_makes_again_what_is_there(plan, store, spec):
    keep(store, spec)
    assert why(plan("net", force=True)) == (False, "made again (--force)")


@pytest.fixture
def plain(store, spec):
    """Store a run of the model on this machine, with its weights."""

    def make(machine=None):
        where = environment("cpu")
        where = where.model_copy(update={"machine": machine or where.machine})
        keep(store, spec, environment=where)
        (store.run_folder(spec) / "model.safetensors").touch()
        return spec.key[:12]

    return make


def test_a_run_that_differs_by_its_views_alone_reuses_the_weights(plan, store, plain):
    whose = plain()
    assert why(plan("net", options=("tta=flip",))) == (False, f"weights reused from 0-{whose}")
    assert why(plan("net", options=("tta=flip", "gamma=0.5"))) == (False, "new")
    assert why(plan("net", options=("tta=flip",), force=True))[1] == "made again (--force)"


def test_weights_are_reused_rather_than_a_training_resumed(plan, store, plain):
    whose, flip = plain(), plan("net", options=("tta=flip",)).runs[0].spec
    checkpoint(store, flip, 3)
    assert why(plan("net", options=("tta=flip",)))[1] == f"weights reused from 0-{whose}"


def test_weights_of_another_machine_are_not_reused(plan, store, plain):
    plain(machine="another")
    assert why(plan("net", options=("tta=flip",))) == (False, "new")


def test_a_model_evaluated_as_built_reuses_no_weights(plan, store):
    keep(store, plan("net", options=("epochs=0",)).runs[0].spec, environment=environment("cpu"))
    assert why(plan("net", options=("epochs=0", "tta=flip"))) == (False, "new")


def test_a_damaged_record_is_new(plan, store, spec):
    keep(store, spec)
    (store.run_folder(spec) / "record.json").write_text("{")
    assert why(plan("net")) == (False, "new")


def test_another_device_of_the_kind_reuses(plan, store):
    keep(store, plan("net", policy=Policy("cuda:0", "float32", 1)).runs[0].spec)
    assert why(plan("net", policy=Policy("cuda:1", "float32", 1)))[0]
    assert not why(plan("net", policy=Policy("cpu", "float32", 1)))[0]


def test_a_change_of_the_plugin_is_a_new_run(plan, store, spec, tmp_path):
    keep(store, spec)
    (tmp_path / "net.py").write_text(PLUGIN + "# a remark\n")
    # The plan's fixture writes the plugin only once.
    assert why(plan("net")) == (False, "new")


# Which


def names(plan):
    return [(run.spec.model, run.spec.arguments, run.spec.seed) for run in plan.runs]


def test_models_times_seeds_are_runs(plan):
    runs = names(plan("net", "short", seeds=(0, 7)))
    assert runs == [("net", {}, 0), ("net", {}, 7), ("short", {}, 0), ("short", {}, 7)]


def test_the_same_selection_runs_once(plan):
    runs = names(plan("net", "little", "net[width=8]", "net[]", "net[norm=batch]"))
    assert runs == [("net", {}, 0)]


def test_the_order_of_arguments_does_not_matter(plan):
    (run,) = plan("net[width=9,norm=a]", "net[norm=a,width=9]").runs
    assert run.spec.arguments == {"norm": "a", "width": 9}


def test_a_model_with_other_arguments_is_another_run(plan):
    assert names(plan("net", "net[width=9]")) == [("net", {}, 0), ("net", {"width": 9}, 0)]


def test_keys_of_all_runs_differ(plan):
    runs = plan("net", "net[width=9]", "short", seeds=(0, 1)).runs
    assert len({run.spec.key for run in runs}) == 6
    assert len({run.spec.speed_key for run in runs}) == 3


def test_all_means_every_model_once(plan):
    models = [model for model, _, _ in names(plan("net", every=True))]
    assert sorted(models) == ["convnet", "net", "short", "vgg"]


def test_all_reports_a_broken_plugin_and_plans_the_others(plan, tmp_path):
    broken = tmp_path / "bad.py"
    broken.write_text("1 / 0")
    made = plan(every=True, plugins=(broken,))
    assert made.broken == (("plugin bad", "ZeroDivisionError: division by zero"),)
    assert "net" in [model for model, _, _ in names(made)]


def test_all_reports_a_conflict_and_runs_neither(plan, tmp_path):
    (tmp_path / "twin.py").write_text(PLUGIN)
    made = plan(every=True, plugins=(tmp_path / "twin.py",))
    owners = "brought by net (net.py) and twin (twin.py); drop one"
    assert made.broken == (("model net", owners), ("model short", owners))
    assert sorted(model for model, _, _ in names(made)) == ["convnet", "vgg"]


def test_a_broken_plugin_that_was_asked_for_is_reported_beside_the_good_ones(plan, tmp_path):
    broken = tmp_path / "bad.py"
    broken.write_text("1 / 0")
    made = plan("net", plugins=(broken,))
    assert made.broken == (("plugin bad", "ZeroDivisionError: division by zero"),)
    assert [run.spec.model for run in made.runs] == ["net"]


def test_a_request_for_nothing_is_wrong():
    with pytest.raises(RequestError, match="name the models to run, or give --all"):
        select(Request(), discover())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"models": ("nett",)}, "unknown model 'nett'; did you mean 'net'?"),
        ({"models": ("net[widht=3]",)}, "model net: unknown argument 'widht'; did you mean 'width"),
        ({"options": ("vgg.epochs=3",)}, "-o vgg.epochs=3: unknown selected model 'vgg'"),
        ({"options": ("epochs=-3",)}, "model net: epochs: input should be greater than or equal"),
        ({"recipe": "storng"}, "model net: unknown recipe 'storng'; did you mean 'strong'?"),
    ],
)
def test_a_wrong_word_is_one_sentence(plan, words, sentence):
    words = {"models": ("net",)} | words
    with pytest.raises(RequestError) as caught:
        plan(*words.pop("models"), **words)
    assert str(caught.value).startswith(sentence)


# How


def only(plan):
    (run,) = plan.runs
    return run.spec


def test_a_recipe_is_chosen_by_name(plan):
    made = only(plan("net", recipe="strong"))
    assert (made.recipe.epochs, made.recipe_name, made.overrides) == (30, "strong", {})


def test_options_change_the_recipe_and_are_remembered(plan):
    made = only(plan("net", options=("epochs=5", "augment=flip")))
    assert (made.recipe.epochs, str(made.recipe.augment)) == (5, "flip")
    assert made.overrides == {"augment": "flip", "epochs": 5}


def test_an_option_for_one_model_goes_before_one_for_all(plan):
    runs = plan("net", "short", options=("net.epochs=3", "epochs=5")).runs
    assert [run.spec.recipe.epochs for run in runs] == [3, 5]


def test_an_option_that_changes_nothing_is_the_same_run(plan, spec):
    made = only(plan("net", options=("epochs=200",)))
    assert (made.key, made.overrides) == (spec.key, {})


def test_the_same_recipe_by_options_is_the_same_run(plan):
    by_name, by_option = (
        only(plan("net", recipe="strong")),
        only(plan("net", options=["epochs=30"])),
    )
    assert by_name.key == by_option.key


def test_quick_trains_a_few_epochs(plan):
    assert only(plan("net", quick=True)).recipe.epochs == QUICK_EPOCHS


def test_quick_never_trains_longer(plan):
    assert only(plan("short", quick=True)).recipe.epochs == 2


def test_an_option_goes_before_quick(plan):
    assert only(plan("net", quick=True, options=("epochs=9",))).recipe.epochs == 9


def test_the_command_of_a_quick_run_says_how_long_it_was(plan):
    # Without --data a first look is implied, so 200 epochs must be said, though they are default.
    made = only(plan("net", quick=True, options=("epochs=200",)))
    assert made.overrides == {}
    assert "-o epochs=200" in made.command
    assert "-o epochs=2 " in only(plan("short", quick=True)).command


def test_a_command_repeats_its_run(plan):
    made = only(plan("net[width=9]", options=("gamma=0.9", "augment=shift=0.1"), seeds=(3,)))
    words = shlex.split(made.command)
    options = [words[i + 1] for i, word in enumerate(words) if word == "-o"]
    again = only(plan(words[2], options=options, seeds=parse_seeds(words[-1])))
    assert again.key == made.key


def test_no_path_of_this_machine_stands_in_the_command(spec, tmp_path):
    assert str(tmp_path) not in spec.command
    assert spec.plugins == (str(tmp_path / "net.py"),)


def test_a_spec_knows_its_data_and_store(spec, tiny, store):
    assert (spec.data, spec.store) == (str(tiny), str(store.root))
    assert spec.dataset.counts == {"train": 96, "valid": 33, "test": 45}


def test_other_images_are_another_run(plan, spec, tiny, store):
    splits = dataclasses.replace(open_splits(tiny), fingerprint="other")
    request = Request(models=("net",), plugins=spec.plugins)
    host, policy = discover(spec.plugins), Policy("cpu", "float32", 1)
    made = only(make_plan(request, host, Setting(tiny, splits, policy, store)))
    assert made.key != spec.key
    assert made.speed_key == spec.speed_key


# Seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("1", (0,)),
        ("5", (0, 1, 2, 3, 4)),
        ("0,7", (0, 7)),
        ("7,", (7,)),
        (" 7 , 3 ", (7, 3)),
        ("20240101,", (20240101,)),
    ],
)
def test_seeds_are_a_count_or_a_list(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["0", "-1", "", " ", ",", "0,0", "-1,2", "x", "1.5", "1 2", "0-4"])
def test_seeds_that_are_none_are_one_sentence(text):
    with pytest.raises(RequestError, match=f"^--seeds {text}: give a count"):
        parse_seeds(text)


def test_a_count_that_must_be_a_seed_is_refused():
    with pytest.raises(RequestError) as caught:
        parse_seeds("20240101")
    assert str(caught.value) == (
        "--seeds 20240101: that is a count; write 20240101, for this one seed"
    )


def test_grids_of_arguments_and_recipe_fields_are_multiplied(plan):
    made = plan("net[width=4|16]", options=("learning_rate=0.01|0.03",), seeds=(0, 1))
    found = [(r.spec.arguments, r.spec.recipe.learning_rate, r.spec.seed) for r in made.runs]
    expected = [
        ({"width": width}, rate, seed)
        for width in (4, 16)
        for rate in (0.01, 0.03)
        for seed in (0, 1)
    ]
    assert found == expected
    assert len({run.spec.key for run in made.runs}) == 8


def test_a_grid_for_one_model_leaves_the_others_alone(plan):
    made = plan("net", "short", options=("net.epochs=1|2",))
    assert [(r.spec.model, r.spec.recipe.epochs) for r in made.runs] == [
        ("net", 1),
        ("net", 2),
        ("short", 2),
    ]


def test_a_wildcard_selects_every_model_that_it_matches(plan):
    assert [run.spec.model for run in plan("*t").runs] == ["convnet", "net", "short"]


def test_two_ways_to_write_one_run_are_one_run(plan):
    assert len(plan("net", options=("epochs=3|3",)).runs) == 1


def test_a_child_is_told_of_its_models_plugin_alone(plan, tmp_path, write_plugin, linear):
    other = write_plugin("other", linear)
    made = plan("net", "vgg", plugins=(other,))
    assert [run.spec.plugins for run in made.runs] == [(str(tmp_path / "net.py"),), ()]


# Votes


def test_votes_that_the_data_does_not_have_are_refused_where_the_user_asks_for_them(plan):
    with pytest.raises(DataError, match="data set 'tiny' has none; prepare FER-2013 with"):
        plan("net", options=("targets=labels|votes",))


def test_a_model_that_asks_for_votes_itself_is_planned(plan, tmp_path):
    (tmp_path / "soft.py").write_text(
        PLUGIN.replace('"net"', '"soft"')
        .replace('"short"', '"soft2"')
        .replace('aliases=("little",)', 'recipe=Recipe(targets="votes")')
    )
    (run,) = plan("soft", plugins=(tmp_path / "soft.py",)).runs
    assert run.spec.recipe.targets == "votes"


def test_votes_are_part_of_the_key_where_they_are_trained_on(tmp_path, voted, store):
    def keys(splits):
        (tmp_path / "net.py").write_text(PLUGIN)
        options = (str(tmp_path / "net.py"),)
        request = Request(models=("net",), plugins=options, options=("targets=labels|votes",))
        setting = Setting(voted, splits, Policy("cpu", "float32", 1), store)
        return [run.spec.key for run in make_plan(request, discover(options), setting).runs]

    splits = open_splits(voted)
    before, after = keys(splits), keys(dataclasses.replace(splits, votes_sha256="0" * 64))
    assert before[0] == after[0]
    assert before[1] != after[1]


# The audit


def test_the_audit_of_the_data_is_in_every_run_and_in_no_key(tmp_path, tiny, plan, store):
    from harness.schema import AuditCard

    before = plan("net").runs[0].spec
    card = AuditCard(version=1, clean_sha256="00", clean=40, exact=3, near=2)
    options = (str(tmp_path / "net.py"),)
    request = Request(models=("net", "short"), plugins=options, data_words="tiny")
    policy = Policy("cpu", "float32", 1)
    setting = Setting(tiny, open_splits(tiny), policy, store, card, tmp_path)
    runs = make_plan(request, discover(options), setting).runs
    assert all((run.spec.audit, run.spec.audited) == (card, str(tmp_path)) for run in runs)
    assert runs[0].spec.key == before.key
    assert (before.audit, before.audited) == (None, None)
    keep(store, before)
    [again, _] = make_plan(request, discover(options), setting).runs
    assert again.stored is not None
    assert again.why == "reused: done at 2026-01-02, assessed by the new audit of its data"
