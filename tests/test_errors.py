import pytest

from harness import errors
from harness.errors import HarnessError, unknown


@pytest.mark.parametrize(
    "name", ["RequestError", "DataError", "PluginError", "RunError", "StoreError"]
)
def test_every_error_is_a_harness_error_with_a_docstring(name):
    kind = getattr(errors, name)
    assert issubclass(kind, HarnessError)
    assert kind.__doc__


def test_the_tree_at_the_top_names_every_error():
    classes = [item for item in vars(errors).values() if isinstance(item, type)]
    kinds = [kind for kind in classes if issubclass(kind, HarnessError)]
    assert len(kinds) == 6
    assert all(kind.__name__ in errors.__doc__ for kind in kinds)


def test_an_unknown_word_is_answered_by_the_nearest_and_all_valid_ones():
    sentence = unknown("command", "lsit", ["run", "list", "data"])
    assert sentence == "unknown command 'lsit'; did you mean 'list'? valid: data, list, run"


def test_without_a_near_word_there_is_no_guess():
    assert unknown("model", "zebra", ["vgg"]) == "unknown model 'zebra'; valid: vgg"


def test_without_valid_words_that_is_said():
    assert unknown("argument", "width", []) == "unknown argument 'width'; there is none"


def test_a_word_that_is_valid_twice_is_listed_once():
    assert unknown("model", "x", ["vgg", "vgg"]) == "unknown model 'x'; valid: vgg"


def test_valid_words_may_come_from_an_iterator():
    sentence = unknown("model", "vg", iter(["vgg", "convnet"]))
    assert sentence == "unknown model 'vg'; did you mean 'vgg'? valid: convnet, vgg"
