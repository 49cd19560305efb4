import dataclasses

import pytest

from harness import ModelPlugin, Recipe
from harness.errors import PluginError


def build(input_shape, num_classes, width=32, norm="batch"):
    raise AssertionError("not called")


def plugin(**changes):
    return ModelPlugin(**({"name": "net", "build": build} | changes))


def brings(arguments):
    """A strong recipe that brings these arguments."""
    return {"recipes": {"strong": Recipe()}, "recipe_arguments": {"strong": arguments}}


def test_the_arguments_that_a_recipe_brings_are_of_the_types_of_the_defaults():
    def build(input_shape, num_classes, dropout=0.5, depth=None):
        raise AssertionError("not called")

    given = {"dropout": 1, "depth": 3}
    model = plugin(build=build, **brings(given))
    given["dropout"] = 0.7
    assert model.recipe_arguments == {"strong": {"dropout": 1.0, "depth": 3}}
    assert type(model.recipe_arguments["strong"]["dropout"]) is float
    with pytest.raises(PluginError, match="argument dropout cannot be inf"):
        plugin(build=build, **brings({"dropout": float("inf")}))
    with pytest.raises(PluginError, match="argument depth must be NoneType like None, not "):
        plugin(build=build, **brings({"depth": [3]}))


def test_a_name_and_a_function_are_enough():
    model = plugin()
    assert model.recipe == Recipe()
    assert model.arguments == {"width": 32, "norm": "batch"}


def test_a_model_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        plugin().name = "other"


def test_aliases_may_come_from_an_iterator_and_are_read_again():
    model = plugin(aliases=(word for word in ["basic", "small"]))
    assert model.aliases == ("basic", "small")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "My Net"}, "model name 'My Net' must be lower-case"),
        ({"aliases": "basic"}, "aliases of model 'net' must be a tuple of names"),
        ({"aliases": ("Basic",)}, "model name 'Basic' must be lower-case"),
        ({"build": 3}, "build of model 'net' must be a function, not 3"),
        ({"build": None}, "build of model 'net' must be a function, not None"),
        ({"loss": "mse"}, "loss of model 'net' must be a function, not 'mse'"),
        ({"optimizer": 0}, "optimizer of model 'net' must be a function, not 0"),
        ({"supports": True}, "supports of model 'net' must be a function, not True"),
        ({"recipe": {"epochs": 3}}, "recipe 'default' of model 'net' must be a harness.Recipe"),
        ({"recipes": {"strong": 3}}, "recipe 'strong' of model 'net' must be a harness.Recipe"),
        ({"recipes": {"default": Recipe()}}, "recipes of model 'net': 'default' is what recipe="),
        ({"recipes": {1: Recipe()}}, "recipe name 1 must be lower-case letters"),
        ({"recipes": {"a=b": Recipe()}}, "recipe name 'a=b' must be lower-case letters"),
        ({"recipe_arguments": {"weak": {}}}, "unknown recipe 'weak'; there is none"),
        ({"recipe_arguments": {"default": {"width": 3}}}, "unknown recipe 'default'"),
        (brings(3), "recipe 'strong' of model 'net': its arguments must be a dict, not 3"),
        (brings({"widht": 3}), "unknown argument 'widht'; did you mean 'width'? valid: norm, w"),
        (brings({"width": 3.0}), "argument width must be int like 32, not 3.0"),
        (brings({"width": True}), "argument width must be int like 32, not True"),
        (brings({"norm": None}), "argument norm must be str like 'batch', not None"),
        (brings({"norm": "a,b"}), "argument norm cannot be 'a,b': no command can say that"),
        ({"summary": None}, "summary of model 'net' must be a str, not None"),
        ({"summary": "half \udcff"}, "summary of model 'net' must be a str, not 'half"),
        ({"pretrained": "net \udcff"}, "pretrained of model 'net' must name the data"),
        ({"build": lambda shape: None}, "must take 2 positional arguments"),
    ],
)
def test_what_breaks_the_contract_is_one_sentence(changes, sentence):
    with pytest.raises(PluginError) as caught:
        plugin(**changes)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("wrong", [True, 1, ["ImageNet-1k"]])
def test_what_weights_have_seen_is_a_name(wrong):
    with pytest.raises(
        PluginError, match=r"pretrained of model 'net' must name the data \(a str\)"
    ):
        ModelPlugin(name="net", build=lambda shape, classes: None, pretrained=wrong)
