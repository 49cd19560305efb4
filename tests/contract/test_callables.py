import functools

import numpy as np
import pytest

from harness.contract.callables import check_name, keyword_arguments
from harness.errors import PluginError


@pytest.mark.parametrize("name", ["vgg", "my-net", "v2.1_x", "0", "a" * 100])
def test_a_good_name_passes(name):
    check_name("model", name)


@pytest.mark.parametrize(
    "name", ["", "VGG", "-net", ".net", "_net", "my net", "a/b", "..", "né", "a\n", "a[b]", 3, None]
)
def test_a_bad_name_is_refused_and_shown(name):
    with pytest.raises(PluginError, match=r"model name .* must be lower-case") as caught:
        check_name("model", name)
    assert repr(name) in str(caught.value)


def test_arguments_are_read_with_their_defaults():
    def build(input_shape, num_classes, width=32, *, dropout=0.5):
        raise AssertionError("not called")

    assert keyword_arguments(build, 2) == {"width": 32, "dropout": 0.5}


HALF, THREE = np.float64(0.5), np.int64(3)


def test_a_default_is_of_the_type_that_users_may_set():
    def build(shape, classes, a: float = 0, b: "float" = 1, c=HALF, d=THREE, e=0):
        raise AssertionError("not called")

    found = keyword_arguments(build, 2)
    assert found == {"a": 0.0, "b": 1.0, "c": 0.5, "d": 3, "e": 0}
    assert [type(value) for value in found.values()] == [float, float, float, int, int]


def test_a_class_can_build():
    class Net:
        def __init__(self, input_shape, num_classes, width=8):
            raise AssertionError("not called")

    assert keyword_arguments(Net, 2) == {"width": 8}


def test_a_partial_function_can_build():
    def build(input_shape, num_classes, width=32, depth=2):
        raise AssertionError("not called")

    assert keyword_arguments(functools.partial(build, depth=4), 2) == {"width": 32, "depth": 4}


def no_default(input_shape, num_classes, width):
    pass


def too_few(input_shape):
    pass


def only_keywords(*, input_shape=1, num_classes=2):
    pass


def everything(*args, **kwargs):
    pass


def rest(input_shape, num_classes, **kwargs):
    pass


def many(input_shape, num_classes, *widths):
    pass


def by_place(input_shape, num_classes, width=3, /):
    pass


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (no_default, "argument 'width' of no_default needs a default"),
        (too_few, "too_few must take 2 positional arguments"),
        (only_keywords, "only_keywords must take 2 positional arguments"),
        (everything, "everything must take 2 positional arguments"),
        (rest, r"rest must name its arguments instead of taking '\*\*kwargs'"),
        (many, r"many must name its arguments instead of taking '\*widths'"),
        (by_place, "by_place must name its arguments instead of taking 'width=3'"),
        (dict, "the arguments of dict cannot be read"),
    ],
)
def test_a_function_whose_arguments_users_could_not_set_is_refused(function, sentence):
    with pytest.raises(PluginError, match=sentence):
        keyword_arguments(function, 2)
