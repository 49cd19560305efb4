"""What lies beside a plugin and is imported by it: found, hashed, and no other plugin's."""

import dataclasses
import sys
import types
from itertools import permutations
from pathlib import Path

import pytest

from harness.errors import PluginError
from harness.plugins import discover
from harness.plugins.helpers import find_helpers, python_files


def row(host, name):
    (found,) = [plugin for plugin in host.plugins if plugin.name == name]
    return found


@pytest.fixture
def beside(write):
    """A plugin with every kind of helper, and neighbours that are none."""
    write("a/layers.py", "import deep.er\nfrom unused_as_name import x")
    write("a/unused_as_name.py", "")
    write("a/deep/er.py", "from . import layer\nfrom blocks.conv import Block")
    write("a/deep/layer.py", "")
    write("a/blocks/__init__.py", "")
    write("a/blocks/conv.py", "import net")
    write("a/neighbour.py", "import layers")
    write("a/json.py", "not = python")
    write("a/broken.py", "def")
    write("a/empty/notes.txt", "")
    return write(
        "a/net.py",
        """
        import json, empty
        import broken
        def build():
            from layers import Layer
        """,
    )


def test_helpers_are_what_is_imported_from_beside_a_file_also_by_helpers(beside):
    folder = beside.parent
    assert find_helpers(beside) == {
        "layers": folder / "layers.py",
        "unused_as_name": folder / "unused_as_name.py",
        "deep": folder / "deep",
        "blocks": folder / "blocks",
        "broken": folder / "broken.py",
    }


def test_a_package_comes_before_a_file_of_its_name_as_in_pythons_import(write):
    path = write("a/net.py", "import layers")
    write("a/layers.py", "WHICH = 'file'")
    write("a/layers/deep.py", "")
    assert find_helpers(path) == {"layers": path.parent / "layers.py"}
    package = write("a/layers/__init__.py", "WHICH = 'package'").parent
    assert find_helpers(path) == {"layers": package}
    discover([str(path)])
    assert sys.modules["layers"].WHICH == "package"


def test_the_harness_beside_a_plugin_is_not_its_code(write):
    write("a/harness/__init__.py", "")
    assert find_helpers(write("a/net.py", "import harness.store")) == {}


@pytest.mark.parametrize("changed", ["layers.py", "deep/layer.py", "blocks/conv.py"])
def test_the_hash_changes_with_a_helper(write, bring, changed):
    write("layers.py", "import deep.er")
    write("deep/er.py", "from blocks.conv import Block")
    write("deep/layer.py", "")
    write("blocks/__init__.py", "")
    write("blocks/conv.py", "class Block: pass")
    option = str(bring("net.py", "net", "def lazily():\n    import layers"))
    before = row(discover([option]), "net").card().sha256
    write("neighbour.py", "x = 1")
    assert row(discover([option]), "net").card().sha256 == before
    write(changed, "class Block: x = 2")
    assert row(discover([option]), "net").card().sha256 != before


def test_a_package_has_helpers_beside_it(write, bring):
    bring("a/net/__init__.py", "net", "import layers")
    write("a/layers.py", "")
    option = str(write("a/net/more.py", "").parent)
    before = row(discover([option]), "net").card().sha256
    write("a/layers.py", "x = 1")
    assert row(discover([option]), "net").card().sha256 != before


def test_a_package_that_is_installed_has_none(write, install):
    text = (
        "from harness import ModelPlugin, hookimpl\nimport layers\n"
        "@hookimpl\ndef harness_models():\n"
        "    return [ModelPlugin(name='net', build=lambda shape, classes: None)]\n"
    )
    files = {"net_package/__init__.py": text, "layers.py": ""}
    install("net-package", {"net": "net_package"}, files)
    before = row(discover(), "net").card().sha256
    write("site/layers.py", "x = 1")
    assert row(discover(), "net").card().sha256 == before


@pytest.mark.parametrize("order", list(permutations("ab")))
@pytest.mark.parametrize("lazily", [False, True])
@pytest.mark.parametrize("helper", ["model.py", "model/__init__.py", "model/net.py"])
def test_each_plugin_gets_the_helper_beside_it(write, order, lazily, helper):
    module = "model.net" if helper == "model/net.py" else "model"
    top, inner = (
        ("", f"    from {module} import WHO\n") if lazily else (f"from {module} import WHO\n", "")
    )
    for name in "ab":
        write(f"{name}/{helper}", f"WHO = {name!r}")
        write(
            f"{name}/net_{name}.py",
            f"from harness import ModelPlugin, hookimpl\n{top}"
            f"def build(shape, classes):\n{inner}    return WHO\n"
            "@hookimpl\ndef harness_models():\n"
            f"    return [ModelPlugin(name='net-{name}', build=build)]\n",
        )
    options = {
        name: str(write(f"{name}/notes.txt", "").parent / f"net_{name}.py") for name in order
    }
    if not lazily:
        host = discover(list(options.values()))
        assert [host.find_model(f"net-{name}")[0].build(0, 0) for name in "ab"] == ["a", "b"]
    # As a session of timing does: found again one after the other, each built at once.
    for name in (*order, *order):
        model, _ = discover([options[name]]).find_model(f"net-{name}")
        assert model.build(0, 0) == name


def test_what_a_plugin_adds_to_the_import_path_is_behind_what_lies_beside_others(write, bring):
    write("a/lib/layers.py", "WHICH = 'a'")
    first = write(
        "a/net.py",
        """
        import sys
        from pathlib import Path
        sys.path.insert(0, str(Path(__file__).parent / "lib"))
        import layers
        """,
    )
    place = write("b/layers.py", "WHICH = 'b'")
    second = write("b/other.py", "import layers")
    host = discover([str(first), str(second)])
    assert row(host, "net").module.layers.WHICH == "a"
    assert row(host, "other").module.layers.WHICH == "b"
    assert find_helpers(second) == {"layers": place}
    alone = discover([str(second)])
    assert row(alone, "other").card().sha256 == row(host, "other").card().sha256
    assert str(first.parent / "lib") in sys.path


def test_relative_paths_mean_the_same_after_a_plugin_that_goes_elsewhere(write, monkeypatch):
    path = write("a/net.py", "import os\nos.chdir(os.path.dirname(__file__))")
    monkeypatch.chdir(path.parent.parent)
    discover([str(path)])
    assert Path.cwd() == path.parent.parent


def test_a_helper_that_others_hold_stays_where_none_is_beside(write, bring, monkeypatch):
    monkeypatch.syspath_prepend(str(write("site/model.py", "WHO = 'installed'").parent))
    write("a/model.py", "WHO = 'beside'")
    discover([str(bring("a/net.py", "net", "from model import WHO\nassert WHO == 'installed'"))])
    installed = sys.modules["model"]
    host = discover([str(bring("b/other.py", "other", "import model"))])
    assert row(host, "other").error is None
    assert sys.modules["model"] is installed


def test_what_editors_hide_is_no_code(write, tmp_path):
    write("net/a.py", "")
    write("net/.hidden/b.py", "")
    write("net/c.py/d.txt", "")
    (tmp_path / "net" / ".#a.py").symlink_to("user@host.1:1")
    assert python_files(tmp_path / "net") == [tmp_path / "net" / "a.py"]


def test_code_that_cannot_be_read_is_that_plugins_failure(bring, monkeypatch):
    good, bad = bring("good.py", "good"), bring("bad.py", "bad")
    read = Path.read_bytes

    def refuse(path):
        if path == bad:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr("harness.plugins.helpers._names", lambda *_: frozenset())
    monkeypatch.setattr(Path, "read_bytes", refuse)
    host = discover([str(bad), str(good)])
    assert row(host, "good").error is None
    assert row(host, "bad").error == f"its source {bad} cannot be read: Permission denied"
    module = types.ModuleType("harness_local_bad")
    module.__file__ = str(bad)
    changed = dataclasses.replace(row(host, "good"), module=module)
    with pytest.raises(PluginError, match="Permission denied"):
        changed.card()


def test_what_a_plugin_prints_is_no_part_of_a_commands_output(bring, capsys):
    assert row(discover([str(bring("net.py", "net", "print('Using device: cpu')"))]), "net")
    out, err = capsys.readouterr()
    assert out == ""
    assert "Using device: cpu" in err


def test_what_is_installed_comes_before_a_folder_of_its_name(write, bring):
    """Logs of a tool lie in a folder with the tool's name; Python never looks into it."""
    write("rich/run-1/code/x.py", "")
    write("tabulate.py", "")
    path = bring("net.py", "net", "def lazily():\n    import rich.table\n    import tabulate")
    assert find_helpers(path) == {}
    before = row(discover([str(path)]), "net").card().sha256
    write("rich/run-2/code/y.py", "")
    assert row(discover([str(path)]), "net").card().sha256 == before


def test_an_environment_within_a_package_is_no_code_of_it(write, tmp_path):
    write("net/a.py", "")
    for inside in ("env/pyvenv.cfg", "env/lib/b.py", "node_modules/c.py", "__pycache__/d.py"):
        write(f"net/{inside}", "")
    assert python_files(tmp_path / "net") == [tmp_path / "net" / "a.py"]


def test_reading_a_helper_warns_of_nothing(write, bring):
    write("layers.py", "PATTERN = '\\d'\nimport more_layers")
    write("more_layers.py", "")
    path = bring("net.py", "net", "def lazily():\n    import layers")
    assert sorted(find_helpers(path)) == ["layers", "more_layers"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_package_by_p_is_no_helper_of_another_plugin(write, order):
    text = (
        "from harness import ModelPlugin, hookimpl\n{0}\n"
        "def build(shape, classes):\n    return WHO\n"
        "@hookimpl\ndef harness_models():\n"
        "    return [ModelPlugin(name={1!r}, build=build)]\n"
    )
    package = write("a/model/__init__.py", text.format("WHO = 'package'", "of-package")).parent
    write("b/model.py", "WHO = 'helper'")
    file = write("b/net.py", text.format("from model import WHO", "of-file"))
    both = [str(package), str(file)]
    host = discover([both[place] for place in order])
    assert host.failed == ()
    built = {model.name: model.build(0, 0) for model, plugin in host.models if plugin.option}
    assert built == {"of-package": "package", "of-file": "helper"}
    hashes = [row(host, name).card().sha256 for name in ("model", "net")]
    alone = [
        row(discover([one]), name).card().sha256
        for one, name in zip(both, ("model", "net"), strict=True)
    ]
    assert hashes == alone


def test_helpers_that_are_links_are_each_plugins_own(write, bring):
    for name in "ab":
        target = write(f"store/{name}.py", f"WHO = {name!r}")
        path = bring(
            f"{name}/net_{name}.py",
            f"net-{name}",
            f"from layers import WHO\nassert WHO == {name!r}",
        )
        (path.parent / "layers.py").symlink_to(target)
    options = [str(target.parent.parent / name / f"net_{name}.py") for name in "ab"]
    assert discover(options).failed == ()


def test_code_that_goes_away_is_one_sentence(write, bring):
    helper = write("layers.py", "")
    path = bring("net.py", "net", "import layers")
    plugin = row(discover([str(path)]), "net")
    helper.unlink()
    plugin.card()  # The hash is another; nothing is raised.
    path.unlink()
    with pytest.raises(PluginError, match="cannot be read: No such file"):
        plugin.card()


def test_code_in_a_linked_folder_is_code_of_the_plugin(write, bring):
    shared = write("shared/blocks/__init__.py", "WIDTH = 8")
    package = bring("my_net/__init__.py", "net", "from my_net.blocks import WIDTH").parent
    (package / "blocks").symlink_to(shared.parent)
    (package / "back").symlink_to(package)  # A circle must not be walked for ever.
    before = row(discover([str(package)]), "my_net").card().sha256
    shared.write_text("WIDTH = 16")
    assert row(discover([str(package)]), "my_net").card().sha256 != before


def test_what_lies_beside_is_found_though_the_import_path_names_the_folder_by_a_link(
    write, tmp_path, monkeypatch
):
    plugin = write("real/net.py", "import layers")
    write("real/layers.py", "")
    (tmp_path / "link").symlink_to(plugin.parent, target_is_directory=True)
    monkeypatch.syspath_prepend(str(tmp_path / "link"))
    assert find_helpers(plugin) == {"layers": plugin.parent / "layers.py"}
