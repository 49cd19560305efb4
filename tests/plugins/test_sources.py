import importlib
import types

import harness.data.faces
import harness.store
from harness.plugins import discover
from harness.plugins.sources import source_files, source_hash


def names(module):
    return [name for name, _ in source_files(module)]


def test_a_file_is_the_source_of_its_plugin_alone(bring):
    path = bring("net.py", "net")
    bring("neighbour.py", "other")
    (plugin,) = [plugin for plugin in discover([str(path)]).plugins if plugin.name == "net"]
    assert source_files(plugin.module) == [("net.py", path)]


def test_a_file_with_dots_in_its_name_is_its_own_source(bring):
    paths = [bring(f"{name}.py", name) for name in ("net", "net.v2")]
    plugins = discover([str(path) for path in paths]).plugins
    (plugin,) = [plugin for plugin in plugins if plugin.name == "net.v2"]
    assert source_files(plugin.module) == [("net.v2.py", paths[1])]
    before = source_hash(plugin.module)
    bring("net.v2.py", "net.v2", "x = 1")
    assert source_hash(plugin.module) != before


def test_a_package_is_covered_with_all_below_it(write, tmp_path, monkeypatch):
    for name in ("__init__.py", "b.py", "deep/__init__.py", "deep/a.py", "notes.txt"):
        write(f"covered_net/{name}", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = ["__init__.py", "b.py", "deep/__init__.py", "deep/a.py"]
    assert names(importlib.import_module("covered_net")) == expected
    assert names(importlib.import_module("covered_net.deep.a")) == expected


def test_a_plugin_inside_the_harness_is_not_the_whole_harness():
    assert "__init__.py" in names(harness.data.faces)
    assert "store.py" not in names(harness.data.faces)
    assert names(harness.store) == ["store.py"]


def test_a_module_without_a_file_has_no_source():
    assert source_files(types.ModuleType("made_here")) == []


def test_the_hash_changes_with_a_letter_of_any_file(write, tmp_path, monkeypatch):
    write("letter_net/__init__.py", "")
    write("letter_net/deep/a.py", "x = 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("letter_net")
    before = source_hash(module)
    assert source_hash(module) == before
    write("letter_net/deep/a.py", "x = 2")
    assert source_hash(module) != before


def test_the_hash_changes_when_a_file_moves(write, tmp_path, monkeypatch):
    write("moving_net/__init__.py", "")
    old = write("moving_net/a/layers.py", "x = 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("moving_net")
    before = source_hash(module)
    (tmp_path / "moving_net" / "b").mkdir()
    old.rename(tmp_path / "moving_net" / "b" / "layers.py")
    assert source_hash(module) != before


def test_the_hash_is_the_same_in_another_folder(bring):
    first, second = (
        discover([str(bring(f"{folder}/net.py", "net"))]).find_model("net")[1].card().sha256
        for folder in ("here", "there")
    )
    assert first == second
