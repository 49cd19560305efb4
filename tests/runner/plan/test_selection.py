import pytest

from harness.errors import RequestError
from harness.plugins import discover
from harness.runner import Request, select


def test_models_times_seeds_are_runs(plan, names):
    runs = names(plan("net", "short", seeds=(0, 7)))
    assert runs == [("net", {}, 0), ("net", {}, 7), ("short", {}, 0), ("short", {}, 7)]


def test_the_same_selection_runs_once(plan, names):
    runs = names(plan("net", "little", "net[width=8]", "net[]", "net[norm=batch]"))
    assert runs == [("net", {}, 0)]


def test_the_order_of_arguments_does_not_matter(plan):
    (run,) = plan("net[width=9,norm=a]", "net[norm=a,width=9]").runs
    assert run.spec.arguments == {"norm": "a", "width": 9}


def test_a_model_with_other_arguments_is_another_run(plan, names):
    assert names(plan("net", "net[width=9]")) == [("net", {}, 0), ("net", {"width": 9}, 0)]


def test_keys_of_all_runs_differ(plan):
    runs = plan("net", "net[width=9]", "short", seeds=(0, 1)).runs
    assert len({run.spec.key for run in runs}) == 6
    assert len({run.spec.speed_key for run in runs}) == 3


def test_all_means_every_model_once(plan, names):
    models = [model for model, _, _ in names(plan("net", every=True))]
    assert sorted(models) == ["convnet", "fastnet", "net", "short", "vgg"]


def test_all_reports_a_broken_plugin_and_plans_the_others(plan, tmp_path, names):
    broken = tmp_path / "bad.py"
    broken.write_text("1 / 0")
    made = plan(every=True, plugins=(broken,))
    assert made.broken == (("plugin bad", "ZeroDivisionError: division by zero"),)
    assert "net" in [model for model, _, _ in names(made)]


def test_all_reports_a_conflict_and_runs_neither(plan, tmp_path, names, plugin_text):
    (tmp_path / "twin.py").write_text(plugin_text)
    made = plan(every=True, plugins=(tmp_path / "twin.py",))
    owners = "brought by net (net.py) and twin (twin.py); drop one"
    assert made.broken == (("model net", owners), ("model short", owners))
    assert sorted(model for model, _, _ in names(made)) == ["convnet", "fastnet", "vgg"]


def test_a_broken_plugin_that_was_asked_for_is_reported_beside_the_good_ones(plan, tmp_path):
    broken = tmp_path / "bad.py"
    broken.write_text("1 / 0")
    made = plan("net", plugins=(broken,))
    assert made.broken == (("plugin bad", "ZeroDivisionError: division by zero"),)
    assert [run.spec.model for run in made.runs] == ["net"]


NAMESAKES = """
from harness import ModelPlugin, hookimpl

def build(input_shape, num_classes, mode=None):
    raise AssertionError("a plan builds nothing")

@hookimpl
def harness_models():
    return [ModelPlugin(name="little", build=build), ModelPlugin(name="odd", build=build)]
"""


def test_an_option_is_for_the_model_of_that_name_and_not_for_one_with_that_alias(plan, tmp_path):
    (tmp_path / "namesakes.py").write_text(NAMESAKES)
    words = {"options": ("little.epochs=5",), "plugins": (tmp_path / "namesakes.py",)}
    for models in (("net", "little"), ("little", "net")):
        epochs = {run.spec.model: run.spec.recipe.epochs for run in plan(*models, **words).runs}
        assert epochs == {"net": 200, "little": 5}


def test_an_alias_of_two_models_is_an_option_of_neither(plan, tmp_path):
    text = NAMESAKES.replace("build=build", "build=build, aliases=('tiny',)")
    (tmp_path / "namesakes.py").write_text(text)
    for words in ({"options": ("tiny.epochs=5",)}, {"recipes": ("tiny=strong",)}):
        with pytest.raises(RequestError, match="unknown selected model 'tiny'"):
            plan("little", "odd", plugins=(tmp_path / "namesakes.py",), **words)
    with pytest.raises(RequestError, match="unknown model 'tiny'"):
        plan("net", plugins=(tmp_path / "namesakes.py",), settings=("tiny.epochs=5",))


def test_values_that_are_equal_for_python_alone_are_several_runs(plan, names, tmp_path):
    (tmp_path / "namesakes.py").write_text(NAMESAKES)
    made = plan("odd[mode=1|true|1.0]", plugins=(tmp_path / "namesakes.py",))
    assert [repr(arguments["mode"]) for _, arguments, _ in names(made)] == ["1", "True", "1.0"]


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
        ({"recipes": ("storng",)}, "model net: unknown recipe 'storng'; did you mean 'strong'?"),
    ],
)
def test_a_wrong_word_is_one_sentence(plan, words, sentence):
    words = {"models": ("net",)} | words
    with pytest.raises(RequestError) as caught:
        plan(*words.pop("models"), **words)
    assert str(caught.value).startswith(sentence)


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
    assert [run.spec.model for run in plan("*t").runs] == ["convnet", "fastnet", "net", "short"]


def test_two_ways_to_write_one_run_are_one_run(plan):
    assert len(plan("net", options=("epochs=3|3",)).runs) == 1


def test_a_child_is_told_of_its_models_plugin_alone(plan, tmp_path, write_plugin, linear):
    other = write_plugin("other", linear)
    made = plan("net", "vgg", plugins=(other,))
    assert [run.spec.plugins for run in made.runs] == [(str(tmp_path / "net.py"),), ()]
