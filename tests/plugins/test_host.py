import pytest

from harness.errors import RequestError
from harness.plugins import discover


@pytest.fixture
def conflict(bring):
    return discover([str(bring("a.py", "net")), str(bring("b.py", "net"))])


def test_two_plugins_with_one_model_name_are_a_conflict(conflict):
    assert conflict.conflicts() == {"net": ("a (a.py)", "b (b.py)")}


def test_a_name_in_conflict_cannot_be_selected(conflict):
    with pytest.raises(RequestError) as caught:
        conflict.find_model("net")
    assert str(caught.value) == (
        "model 'net' is brought by a (a.py) and b (b.py); uninstall or drop one"
    )


def test_a_conflict_spares_the_other_models(conflict):
    assert conflict.find_model("vgg")[0].name == "vgg"


def test_one_plugin_that_brings_a_name_twice_is_a_conflict(write):
    path = write(
        "twice.py",
        """
        from harness import ModelPlugin, hookimpl

        @hookimpl
        def harness_models():
            return 2 * [ModelPlugin(name="net", build=lambda shape, classes: None)]
        """,
    )
    assert discover([str(path)]).conflicts() == {"net": ("twice (twice.py)", "twice (twice.py)")}


def test_a_model_is_found_by_its_alias(bring):
    host = discover([str(bring("a.py", "net", aliases=("small",)))])
    assert host.find_model("small")[0].name == "net"


def test_a_name_goes_before_an_alias(bring):
    host = discover([str(bring("a.py", "net", aliases=("other",))), str(bring("b.py", "other"))])
    assert host.find_model("other")[0].name == "other"


def test_an_alias_of_two_models_cannot_be_selected(bring):
    options = [str(bring(f"{name}.py", name, aliases=("small",))) for name in ("a", "b")]
    with pytest.raises(RequestError, match=r"model 'small' is brought by a \(a.py\) and b"):
        discover(options).find_model("small")


def test_an_unknown_model_is_answered_by_names_and_aliases():
    with pytest.raises(RequestError) as caught:
        discover().find_model("vg")
    sentence = str(caught.value)
    assert sentence.startswith("unknown model 'vg'; did you mean 'vgg'? valid: ")
    assert "basic" in sentence


def test_an_unknown_model_may_be_that_of_a_plugin_that_failed(write):
    host = discover([str(write("net.py", "1 / 0"))])
    with pytest.raises(RequestError, match="plugin net failed to load: ZeroDivisionError"):
        host.find_model("net")


DATASET = """
from harness import DatasetPlugin, hookimpl

@hookimpl
def harness_datasets():
    def load():
        raise AssertionError("not called")
    return [DatasetPlugin(name="shapes", load=load, classes=("a", "b"), version="1")]
"""


def test_a_data_set_is_found_by_its_name(write):
    host = discover([str(write("shapes.py", DATASET))])
    dataset, plugin = host.find_dataset("shapes")
    assert (dataset.classes, plugin.name) == (("a", "b"), "shapes")


def test_an_unknown_data_set_is_answered_by_the_nearest():
    with pytest.raises(RequestError) as caught:
        discover().find_dataset("face")
    assert str(caught.value) == (
        "face: there is no such folder, and no data set of that name; "
        "unknown data set 'face'; did you mean 'faces'? valid: faces"
    )


def test_an_unknown_data_set_may_be_that_of_a_plugin_that_failed(write):
    host = discover([str(write("shapes.py", "1 / 0"))])
    with pytest.raises(RequestError, match="plugin shapes failed to load: ZeroDivisionError"):
        host.find_dataset("shapes")


def test_a_data_set_that_two_plugins_bring_names_both(write):
    host = discover([str(write("a.py", DATASET)), str(write("b.py", DATASET))])
    with pytest.raises(RequestError, match=r"'shapes' is brought by a \(a.py\) and b \(b.py\)"):
        host.find_dataset("shapes")
