import dataclasses
import shlex

import pytest

from harness.data.splits import open_splits
from harness.errors import RequestError
from harness.plugins import discover
from harness.runner import Request, Setting, make_specs, parse_seeds
from harness.runner.variants import QUICK_EPOCHS
from harness.tensors.device import Policy

OWN = """
from harness import ModelPlugin, hookimpl

def build(input_shape, num_classes):
    raise AssertionError("a plan builds nothing")

def optimizer(module, recipe):
    raise AssertionError("a plan trains nothing")

@hookimpl
def harness_models():
    return [ModelPlugin(name="own", build=build, optimizer=optimizer)]
"""


def test_a_recipe_is_chosen_by_name(plan, only):
    made = only(plan("net", recipes=("strong",)))
    assert (made.recipe.epochs, made.recipe_name, made.overrides) == (30, "strong", {})


def test_a_recipe_of_one_model_goes_before_one_for_all(plan):
    runs = plan("net", "short", recipes=("default", "net=strong")).runs
    assert [run.spec.recipe_name for run in runs] == ["strong", "default"]


def test_several_recipes_of_a_model_are_several_runs(plan):
    runs = plan("net", "short", recipes=("net=default|strong",)).runs
    assert [(run.spec.model, run.spec.recipe.epochs) for run in runs] == [
        ("net", 200),
        ("net", 30),
        ("short", 2),
    ]
    assert [run.spec.command.count("--recipe strong") for run in runs] == [0, 1, 0]


WIDE = """
from harness import ModelPlugin, Recipe, hookimpl

def build(input_shape, num_classes, width=8, norm="batch"):
    raise AssertionError("a plan builds nothing")

@hookimpl
def harness_models():
    return [
        ModelPlugin(
            name="wide",
            build=build,
            recipes={"strong": Recipe(epochs=30), "plain": Recipe(epochs=20)},
            recipe_arguments={"strong": {"width": 16}},
        )
    ]
"""


@pytest.fixture
def wide(plan, tmp_path):
    """Plan with a model whose strong recipe brings a width of 16 in place of 8."""
    (tmp_path / "wide.py").write_text(WIDE)

    def wide(*models, **words):
        return [run.spec for run in plan(*models, plugins=(tmp_path / "wide.py",), **words).runs]

    return wide


def test_a_recipe_may_bring_arguments_of_the_network(wide):
    runs = wide("wide", recipes=("default|strong|plain",))
    assert [run.arguments for run in runs] == [{}, {"width": 16}, {}]
    (written_out,) = wide("wide[width=16]", recipes=("strong",))
    assert (written_out.key, written_out.command) == (runs[1].key, runs[1].command)


def test_both_ways_to_write_what_a_recipe_brings_are_one_run(wide):
    assert len(wide("wide", "wide[width=16]", recipes=("strong",))) == 1


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("wide[width=9]", {"width": 9}),
        ("wide[width=8]", {}),
        ("wide[norm=none]", {"norm": "none", "width": 16}),
        ("wide[width=8|9]", {}),
    ],
)
def test_what_the_user_sets_goes_before_what_a_recipe_brings(wide, words, arguments):
    assert wide(words, recipes=("strong",))[0].arguments == arguments


@pytest.mark.parametrize("words", ["wide", "wide[width=8]", "wide[width=9,norm=x]"])
@pytest.mark.parametrize("recipe", ["default", "strong"])
def test_a_command_says_the_arguments_that_its_recipe_would_bring(wide, words, recipe):
    (made,) = wide(words, recipes=(recipe,))
    (again,) = wide(shlex.split(made.command)[2], recipes=(recipe,))
    assert again.key == made.key
    (default,) = wide("wide")
    assert default.command.split()[2] == "wide"


def test_a_recipe_that_is_chosen_twice_is_one_run(plan, only):
    assert only(plan("net", recipes=("strong", "strong"))).recipe_name == "strong"


def test_a_recipe_that_a_model_lacks_is_refused_and_how_to_choose_for_one_is_said(plan):
    with pytest.raises(RequestError, match=r"model short: unknown recipe 'strong'.*MODEL=NAME"):
        plan("net", "short", recipes=("strong",))
    with pytest.raises(RequestError, match="unknown recipe 'weak'") as caught:
        plan("net", recipes=("net=weak",))
    assert "MODEL=NAME" not in str(caught.value)


def test_a_recipe_for_a_model_that_is_not_selected_is_refused_but_in_settings(plan, only):
    with pytest.raises(RequestError, match="--recipe short=strong: unknown selected model 'short'"):
        plan("net", recipes=("short=strong",))
    assert only(plan("net", recipe_settings=("short=strong",))).recipe_name == "default"
    assert only(plan("net", recipe_settings=("strong",))).recipe_name == "strong"
    words = {"recipes": ("default",), "recipe_settings": ("strong",)}
    assert only(plan("net", **words)).recipe_name == "default"


@pytest.mark.parametrize("word", ["", "net=", "=strong", "net=strong|"])
def test_no_name_of_a_recipe_is_refused(plan, word):
    with pytest.raises(RequestError, match="names no recipe; write it as --recipe NAME"):
        plan("net", recipes=(word,))


def test_options_change_the_recipe_and_are_remembered(plan, only):
    made = only(plan("net", options=("epochs=5", "augment=flip")))
    assert (made.recipe.epochs, str(made.recipe.augment)) == (5, "flip")
    assert made.overrides == {"augment": "flip", "epochs": 5}


def test_an_option_for_one_model_goes_before_one_for_all(plan):
    runs = plan("net", "short", options=("net.epochs=3", "epochs=5")).runs
    assert [run.spec.recipe.epochs for run in runs] == [3, 5]


def test_an_option_that_changes_nothing_is_the_same_run(plan, spec, only):
    made = only(plan("net", options=("epochs=200",)))
    assert (made.key, made.overrides) == (spec.key, {})


def test_the_same_recipe_by_options_is_the_same_run(plan, only):
    by_name, by_option = (
        only(plan("net", recipes=("strong",))),
        only(plan("net", options=["epochs=30"])),
    )
    assert by_name.key == by_option.key


def test_an_option_that_no_run_heeds_is_refused_with_the_cause(plan):
    with pytest.raises(RequestError) as caught:
        plan("net", options=("schedule=linear|cosine", "gamma=0.9"))
    assert str(caught.value) == (
        "-o gamma: has no effect with schedule=cosine or schedule=linear; leave it out"
    )
    with pytest.raises(RequestError, match=r"-o net\.momentum: has no effect with optimizer=AdamW"):
        plan("net", "short", options=("net.optimizer=AdamW", "net.momentum=0.8"))


def test_an_option_that_some_runs_heed_is_left_out_of_the_others(plan):
    grid = ("schedule=linear|exponential", "gamma=0.8|0.9")
    runs = [run.spec for run in plan("net", options=grid).runs]
    assert [run.overrides for run in runs] == [
        {"schedule": "linear"},
        {"gamma": 0.8},
        {"gamma": 0.9},
    ]
    assert ["gamma" in run.command for run in runs] == [False, True, True]
    both = plan("net", "short", options=("short.schedule=linear", "gamma=0.9")).runs
    assert [run.spec.overrides for run in both] == [{"gamma": 0.9}, {"schedule": "linear"}]


def test_an_optimizer_that_a_model_brings_may_heed_any_field(plan, only, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    options = ("own.optimizer=AdamW", "own.momentum=0.8|0.5")
    runs = plan("own", plugins=(tmp_path / "own.py",), options=options).runs
    assert [run.spec.overrides["momentum"] for run in runs] == [0.8, 0.5]
    assert runs[0].spec.key != runs[1].spec.key


def test_settings_for_many_commands_may_be_of_no_effect(plan, only, spec):
    made = only(plan("net", settings=("full_scale_from=0.5",)))
    assert (made.key, made.overrides) == (spec.key, {})


def test_quick_trains_a_few_epochs(plan, only):
    assert only(plan("net", quick=True)).recipe.epochs == QUICK_EPOCHS


def test_quick_never_trains_longer(plan, only):
    assert only(plan("short", quick=True)).recipe.epochs == 2


def test_an_option_goes_before_quick(plan, only):
    assert only(plan("net", quick=True, options=("epochs=9",))).recipe.epochs == 9


def test_the_command_of_a_quick_run_says_how_long_it_was(plan, only):
    # Without --data a first look is implied, so 200 epochs must be said, though they are default.
    made = only(plan("net", quick=True, options=("epochs=200",)))
    assert made.overrides == {}
    assert "-o epochs=200" in made.command
    assert "-o epochs=2 " in only(plan("short", quick=True)).command


def test_a_command_repeats_its_run(plan, only):
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


def test_other_images_are_another_run(spec, tiny, store):
    splits = dataclasses.replace(open_splits(tiny), fingerprint="other")
    request = Request(models=("net",), plugins=spec.plugins)
    host, policy = discover(spec.plugins), Policy("cpu", "float32", 1)
    (made,) = make_specs(request, host, Setting(tiny, splits, policy, store.root))
    assert made.key != spec.key
    assert made.speed_key == spec.speed_key


def test_the_command_names_the_plugin_of_the_data_as_well(tiny, tmp_path, store, plan, spec):
    host, policy = discover(spec.plugins), Policy("cpu", "float32", 1)
    request = Request(models=("net",), plugins=spec.plugins, data_words="mine")
    net, mine = "-p PATH/TO/net.py", "-p PATH/TO/mine.py"
    words = {"net.py": f"{net} --data", "mine.py": f"{net} {mine} --data"}
    for plugin, expected in words.items():
        setting = Setting(
            tiny, open_splits(tiny), policy, store.root, data_plugin=str(tmp_path / plugin)
        )
        (made,) = make_specs(request, host, setting)
        assert expected in made.command
        # The child of the run opens the data's folder, and needs no plugin for it.
        assert made.plugins == spec.plugins
