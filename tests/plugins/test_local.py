import subprocess
import sys

import pytest

from harness.errors import RequestError
from harness.plugins import discover
from harness.plugins.local import absolute, come_home, is_path, load_local


def row(host, name):
    (found,) = [plugin for plugin in host.plugins if plugin.name == name]
    return found


@pytest.mark.parametrize(
    ("option", "path"),
    [("net.py", True), ("a/net", True), ("a\\net", True), ("net", False), ("a.b", False)],
)
def test_an_option_is_a_path_or_a_module(option, path):
    assert is_path(option) is path


def test_the_bare_name_of_a_package_folder_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net").mkdir()
    assert not is_path("net")
    (tmp_path / "net" / "__init__.py").write_text("")
    assert is_path("net")
    assert absolute("net") == str(tmp_path / "net")


def test_a_path_means_the_same_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute("net.py") == str(tmp_path / "net.py")
    assert absolute("package.module") == "package.module"


def test_a_dataclass_with_postponed_annotations_works(bring):
    path = bring(
        "net.py",
        "net",
        """
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import ClassVar

        @dataclass
        class Settings:
            kind: ClassVar[str] = "x"
            widths: list[int] = field(default_factory=list)

        Settings(widths=[3])
        """,
    )
    assert row(discover([str(path)]), "net").error is None


def test_a_file_finds_the_modules_beside_it(write, bring):
    write("layers_beside.py", "WIDTH = 3")
    path = bring("net.py", "net", "from layers_beside import WIDTH\nassert WIDTH == 3")
    assert row(discover([str(path)]), "net").error is None


@pytest.mark.parametrize("name", ["json", "colorsys", "tabulate"])
def test_a_file_named_like_an_installed_module_does_not_hide_it(bring, name):
    path = bring(f"{name}.py", "net")
    code = (
        "from harness.plugins import discover\n"
        f"host = discover([{str(path)!r}])\n"
        "host.find_model('net')\n"
        f"import {name}\n"
        f"print({name}.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(path.parent) not in done.stdout


def test_a_file_may_have_dots_in_its_name(bring):
    plugin = row(discover([str(bring("net.v2.py", "net"))]), "net.v2")
    assert plugin.error is None
    assert len(plugin.card().sha256) == 64


def test_files_that_differ_by_a_dot_are_two_plugins(bring):
    host = discover([str(bring(f"{name}.py", name)) for name in ("net_v2", "net.v2")])
    assert [row(host, name).models[0].name for name in ("net_v2", "net.v2")] == ["net_v2", "net.v2"]


def test_a_file_that_is_loaded_again_is_read_again(bring, write):
    path = str(bring("net.py", "first"))
    discover([path])
    bring("net.py", "another-name")
    (model,) = row(discover([path]), "net").models
    assert model.name == "another-name"


def test_a_folder_with_an_init_is_a_package(write):
    write("little_net/layers.py", "WIDTH = 3")
    path = write(
        "little_net/__init__.py",
        """
        from harness import ModelPlugin, hookimpl
        from little_net.layers import WIDTH

        @hookimpl
        def harness_models():
            return [ModelPlugin(name="little", build=lambda shape, classes, width=WIDTH: None)]
        """,
    )
    host = discover([str(path.parent)])
    assert host.find_model("little")[0].arguments == {"width": 3}
    assert row(host, "little_net").source == "little_net"


def test_a_folder_with_a_dot_in_its_name_cannot_be_loaded(write):
    path = write("net.v2/__init__.py", "").parent
    error = row(discover([str(path)]), "net").error
    assert error.startswith("the name of the folder net.v2 holds a dot")


def test_a_folder_whose_name_another_module_has_says_so(write):
    path = write("harness_vgg/__init__.py", "")
    plugin = row(discover([str(path.parent)]), "harness_vgg")
    assert plugin.error == (
        "another module is named 'harness_vgg', and was imported instead; rename the folder"
    )


def test_a_module_is_imported_by_its_name(write, tmp_path, monkeypatch, bring):
    bring("named_net.py", "named")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugin = row(discover(["named_net"]), "named_net")
    assert (plugin.error, plugin.source) == (None, "named_net")


@pytest.mark.parametrize("name", ["nope.py", "folder/", "./notes.txt", "nope/"])
def test_a_path_at_which_no_plugin_can_be_is_a_wrong_request(name, write, tmp_path, monkeypatch):
    write("folder/readme.md", "")
    write("notes.txt", "")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=f"^-p {name}: there is no such plugin; give a .py file"):
        discover([name])


def test_a_plugin_may_take_itself_out_of_the_modules_and_fail(write):
    path = write("odd.py", "import sys\ndel sys.modules[__name__]\n1 / 0")
    assert row(discover([str(path)]), "odd").error == "ZeroDivisionError: division by zero"


def test_a_plugin_that_imports_later_gets_its_own_helper_again(write):
    """A process that builds models of two plugins in turns must not build one from the other's."""
    options = []
    for folder in "ab":
        write(f"{folder}/parts.py", f"WHOSE = {folder!r}")
        text = "def whose():\n    import parts\n    return parts.WHOSE\n"
        options.append(str(write(f"{folder}/net_{folder}.py", text)))
    one, two = (load_local(option) for option in options)
    for option, module, name in ((0, one, "a"), (1, two, "b"), (0, one, "a")):
        come_home([options[option]])
        assert module.whose() == name
