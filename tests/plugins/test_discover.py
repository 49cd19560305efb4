import importlib.metadata
import sys

import pytest

from harness.errors import RequestError
from harness.plugins import discover

GOOD = """
from harness import ModelPlugin, hookimpl

def build(input_shape, num_classes, width=8):
    raise AssertionError("not called")

@hookimpl
def harness_models():
    return [ModelPlugin(name="good", build=build)]
"""


def names(host):
    return [model.name for model, _ in host.models]


def row(host, name):
    (found,) = [plugin for plugin in host.plugins if plugin.name == name]
    return found


def test_the_harness_brings_its_own_plugins_by_entry_points():
    host = discover()
    assert {"convnet", "vgg"} <= set(names(host))
    assert host.find_dataset("faces")[0].synthetic
    assert host.failed == ()


BROKEN = {
    "raises": ("raise ValueError('no  such\\n thing')", "ValueError: no such thing"),
    "silent": ("raise ValueError", "ValueError"),
    "exits": ("import sys\nsys.exit('bye')", "SystemExit: bye"),
    "quits": ("raise SystemExit", "SystemExit"),
    "skips": (
        "import pytest\npytest.skip('not here', allow_module_level=True)",
        "Skipped: not here",
    ),
    "speechless": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError('twice')\nraise Mute",
        "Mute",
    ),
    "syntax": ("def build(:\n    pass", "SyntaxError: invalid syntax (syntax.py, line 1)"),
    "missing": (
        "import no_such_module",
        "ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "request": ("from harness.errors import *\nraise RequestError('mine')", "mine"),
    "mute": ("from harness.errors import *\nraise PluginError", "PluginError"),
    "deep": ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
    "wrong_type": (
        "from harness import hookimpl\n@hookimpl\ndef harness_models(): return [3]",
        "harness_models must return ModelPlugin, not 3",
    ),
    "none": (
        "from harness import hookimpl\n@hookimpl\ndef harness_models(): pass",
        "harness_models must return a list of ModelPlugin, not None",
    ),
    "alone": (
        "from harness import ModelPlugin, hookimpl\n"
        "@hookimpl\n"
        "def harness_models(): return ModelPlugin(name='alone', build=lambda a, b: None)",
        "harness_models must return a list of ModelPlugin, not ModelPlugin(name='alone'",
    ),
    "lazy": (
        "from harness import hookimpl\n@hookimpl\ndef harness_models():\n    yield 1 / 0",
        "ZeroDivisionError: division by zero",
    ),
    "misspelt": (
        "from harness import hookimpl\n@hookimpl\ndef harness_modles(): return []",
        "unknown hook 'harness_modles'; did you mean 'harness_models'? valid: harness_datasets, ",
    ),
    "asks": (
        "from harness import hookimpl\n@hookimpl\ndef harness_run_started(config): pass",
        "PluginValidationError: Plugin 'asks' for hook 'harness_run_started'",
    ),
    "bad_name": (
        "from harness import ModelPlugin\nModelPlugin(name='Bad Name', build=lambda a, b: 0)",
        "model name 'Bad Name' must be lower-case",
    ),
    "no_default": (
        "from harness import ModelPlugin\n"
        "def build(input_shape, num_classes, width): pass\n"
        "ModelPlugin(name='net', build=build)",
        "argument 'width' of build needs a default",
    ),
    "recipe": (
        "from harness import Recipe\nRecipe(epoch=3)",
        "ValidationError: unknown field 'epoch'; did you mean 'epochs'?",
    ),
    "range": (
        "from harness import Recipe\nRecipe(gamma=3)",
        "ValidationError: gamma: input should be less than or equal to 1 (found 3)",
    ),
    "dataset": (
        "from harness import hookimpl\n@hookimpl\ndef harness_datasets(): return ['faces']",
        "harness_datasets must return DatasetPlugin, not 'faces'",
    ),
}


@pytest.mark.parametrize(("name", "text", "reason"), [(k, *v) for k, v in BROKEN.items()])
def test_a_plugin_that_cannot_load_is_a_row_with_a_reason(write, name, text, reason):
    plugin = row(discover([str(write(f"{name}.py", text))]), name)
    assert plugin.error.startswith(reason)
    assert "\n" not in plugin.error
    assert plugin.traceback.startswith("Traceback ")
    assert (plugin.source, plugin.models, plugin.datasets) == (f"{name}.py", (), ())


@pytest.mark.parametrize(("name", "text"), [(k, v[0]) for k, v in BROKEN.items()])
def test_a_plugin_that_cannot_load_leaves_no_module_behind(write, name, text):
    discover([str(write(f"{name}.py", text))])
    assert not [module for module in sys.modules if name in module and "local" in module]


def test_the_good_ones_beside_a_broken_one_load(write, bring):
    broken = [str(write(f"{name}.py", text)) for name, (text, _) in BROKEN.items()]
    options = [str(bring("first.py", "first")), *broken, str(bring("last.py", "last"))]
    host = discover(options)
    assert {"first", "last", "convnet", "vgg"} <= set(names(host))
    assert sorted(plugin.name for plugin in host.failed) == sorted(BROKEN)


def test_the_hooks_of_a_plugin_that_cannot_load_are_never_called(write, tmp_path):
    path = write(
        "half.py",
        """
        from harness import hookimpl

        @hookimpl
        def harness_run_started(spec):
            raise AssertionError("called")

        @hookimpl
        def harness_models():
            raise ValueError("late")
        """,
    )
    host, warnings = discover([str(path)]), []
    assert row(host, "half").error == "ValueError: late"
    assert host.notify("harness_run_started", warnings.append, spec=None) == []
    assert warnings == []


def test_ctrl_c_while_a_plugin_is_imported_stops(write):
    path = write("slow.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        discover([str(path)])
    assert "harness_local_slow" not in sys.modules


def test_models_and_rows_are_sorted_by_name(bring):
    options = [str(bring(f"{name}.py", name)) for name in ("zeta", "alpha")]
    host = discover(options)
    assert names(host) == sorted(names(host))
    listed = [plugin.name for plugin in host.plugins]
    assert listed == sorted(listed)


def test_a_plugin_may_yield_its_models(write):
    path = write(
        "lazy.py",
        """
        from harness import ModelPlugin, hookimpl

        @hookimpl
        def harness_models():
            for name in ("one", "two"):
                yield ModelPlugin(name=name, build=lambda shape, classes: None)
        """,
    )
    assert {"one", "two"} <= set(names(discover([str(path)])))


def test_a_plugin_without_hooks_brings_nothing_and_fails_nothing(write):
    plugin = row(discover([str(write("empty.py", ""))]), "empty")
    assert (plugin.error, plugin.models) == (None, ())


def test_a_hook_that_is_not_marked_is_said(write):
    text = "def harness_models():\n    return []\n"
    plugin = row(discover([str(write("forgot.py", text))]), "forgot")
    assert plugin.error == (
        "harness_models lacks @hookimpl above it (from harness import hookimpl)"
    )


def test_an_option_given_twice_counts_once(bring, monkeypatch):
    path = bring("net.py", "net")
    monkeypatch.chdir(path.parent)
    host = discover([str(path), "net.py", "./net.py"])
    assert names(host).count("net") == 1
    assert host.failed == ()


def test_an_installed_plugin_that_is_asked_for_again_counts_once():
    host = discover(["harness_vgg"])
    assert names(host).count("vgg") == 1
    assert host.failed == ()


def test_a_file_may_have_the_name_of_an_installed_plugin(bring):
    host = discover([str(bring("vgg.py", "my-vgg"))])
    assert {"vgg", "my-vgg"} <= set(names(host))
    assert host.failed == ()


def test_two_files_of_one_name_are_two_plugins(bring):
    host = discover([str(bring("a/net.py", "one")), str(bring("b/net.py", "two"))])
    assert {"one", "two"} <= set(names(host))
    cards = {plugin.card().sha256 for model, plugin in host.models if model.name in ("one", "two")}
    assert len(cards) == 2


def test_a_path_without_a_plugin_is_a_wrong_request(tmp_path):
    with pytest.raises(RequestError, match=r"^-p .*nope\.py: there is no such plugin; give a"):
        discover([str(tmp_path / "nope.py")])


def test_a_module_that_does_not_exist_is_a_row():
    host = discover(["no_such_plugin"])
    assert row(host, "no_such_plugin").error.startswith("ModuleNotFoundError")


def test_an_entry_point_is_found_with_its_distribution_and_version(install):
    install("good-net", {"good": "good_net"}, {"good_net.py": GOOD})
    plugin = row(discover(), "good")
    assert (plugin.error, plugin.source, plugin.version) == (None, "good-net", "1.2")
    card = plugin.card()
    assert (card.name, card.source, card.version) == ("good", "good-net", "1.2")
    assert len(card.sha256) == 64


def test_what_a_distribution_says_of_itself_is_read_once(install, monkeypatch):
    install("nets", {"one": "good_net", "two": "odd_net"}, {"good_net.py": GOOD, "odd_net.py": ""})
    read = []
    metadata = importlib.metadata.Distribution.metadata.fget

    def counted(distribution):
        read.append(metadata(distribution)["Name"])
        return metadata(distribution)

    monkeypatch.setattr(importlib.metadata.Distribution, "metadata", property(counted))
    host = discover()
    assert [row(host, name).version for name in ("one", "two")] == ["1.2", "1.2"]
    assert read.count("nets") == 1


def test_a_broken_entry_point_stops_no_other(install):
    entries = {"bad": "bad_net", "good": "good_net", "none": "good_net:nothing"}
    install("nets", entries, {"good_net.py": GOOD, "bad_net.py": "import sys; sys.exit(3)"})
    host = discover()
    assert "good" in names(host)
    assert row(host, "bad").error == "SystemExit: 3"
    assert row(host, "none").error.startswith("AttributeError: ")


def test_an_entry_point_may_name_an_object(install):
    text = """
    from harness import ModelPlugin, hookimpl

    class Plugin:
        @hookimpl
        def harness_models(self):
            return [ModelPlugin(name="object-net", build=lambda shape, classes: None)]

    plugin = Plugin()
    """
    install("object-net", {"object": "object_net:plugin"}, {"object_net.py": text})
    plugin = row(discover(), "object")
    assert [model.name for model in plugin.models] == ["object-net"]
    assert len(plugin.card().sha256) == 64


def test_an_entry_point_that_is_no_name_is_a_row(install):
    install("odd", {"odd": "not a name!"}, {})
    assert row(discover(), "odd").error


def test_an_entry_point_that_two_distributions_list_is_one_row(install):
    install("twin", {"twin": "twin_net"}, {"twin_net.py": "1 / 0"})
    install("twin-again", {"twin": "twin_net"}, {})
    assert row(discover(), "twin").error == "ZeroDivisionError: division by zero"


def test_an_object_under_a_second_name_is_loaded_once(install):
    install("alias", {"one": "good_net", "two": "good_net"}, {"good_net.py": GOOD})
    host = discover()
    assert names(host).count("good") == 1
    assert host.failed == ()


def test_a_plugin_that_could_not_load_has_a_card_all_the_same(write):
    assert row(discover([str(write("bad.py", "1 / 0"))]), "bad").card().sha256 == ""


def test_a_disabled_plugin_is_not_loaded(monkeypatch):
    monkeypatch.setenv("HARNESS_DISABLED_PLUGINS", "vgg, faces")
    host = discover()
    assert "convnet" in names(host)
    assert "vgg" not in names(host)
    assert {"vgg", "faces"}.isdisjoint(plugin.name for plugin in host.plugins)


def test_a_plugin_knows_the_option_that_named_it(bring):
    host = discover([str(bring("good.py", "good"))])
    assert row(host, "good").option.endswith("good.py")
    assert row(host, "vgg").option is None


def test_a_wildcard_means_every_model_that_it_matches(bring):
    host = discover([str(bring("good.py", "good"))])
    assert host.match_models("*g*") == ["good", "vgg"]
    assert host.match_models("vgg") == ["vgg"]
    with pytest.raises(
        RequestError, match=r"no model matches 'x\*'; there are: convnet, fastnet, good, vgg"
    ):
        host.match_models("x*")


def test_ctrl_c_while_a_plugin_loads_is_ctrl_c(write):
    with pytest.raises(KeyboardInterrupt):
        discover([str(write("slow.py", "raise KeyboardInterrupt"))])


def test_a_reason_is_as_long_as_a_table_bears(write, tmp_path):
    """torch lists every weight that a file lacks."""
    path = write("long.py", "raise RuntimeError('missing key, ' * 5000)")
    [found] = [one for one in discover([str(path)]).plugins if one.name == "long"]
    assert found.error.startswith("RuntimeError: missing key, missing key")
    assert found.error.endswith("…")
    assert len(found.error) < 600
