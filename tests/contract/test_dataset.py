import pytest

from harness import DatasetPlugin
from harness.errors import PluginError


def load(size=100, difficulty=0.5):
    raise AssertionError("not called")


def plugin(**changes):
    values = {"name": "shapes", "load": load, "classes": ("a", "b"), "version": "1"}
    return DatasetPlugin(**(values | changes))


def test_the_arguments_are_those_of_load():
    assert plugin().arguments == {"size": 100, "difficulty": 0.5}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "a/b"}, "dataset name 'a/b' must be lower-case"),
        ({"load": {}}, "load of dataset 'shapes' must be a function"),
        ({"load": lambda size: None}, "argument 'size' of"),
        ({"load": lambda **rest: None}, "must name its arguments"),
        ({"classes": "abc"}, "classes of dataset 'shapes' must be a tuple of str, not 'abc'"),
        ({"classes": (0, 1)}, "must be a tuple of str, not (0, 1)"),
        ({"classes": ("a", "b", "a")}, "classes of dataset 'shapes' name 'a' twice"),
        ({"summary": 3}, "summary of dataset 'shapes' must be a str, not 3"),
        (
            {"version": 1},
            "version of dataset 'shapes' must be a str of letters, digits, '.', '_', ",
        ),
        ({"version": ""}, "since it is part of a folder's name, not ''"),
        ({"version": "../1"}, "since it is part of a folder's name, not '../1'"),
        ({"synthetic": "no"}, "synthetic of dataset 'shapes' must be True or False, not 'no'"),
    ],
)
def test_what_breaks_the_contract_is_one_sentence(changes, sentence):
    with pytest.raises(PluginError) as caught:
        plugin(**changes)
    assert sentence in str(caught.value)
