import asyncio
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch

from harness.contract import DatasetPlugin
from harness.data import cache
from harness.data.splits import open_splits
from harness.errors import DataError, PluginError, RequestError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "datasets"


def plugin(load, **options):
    options = {"name": "toy", "classes": ("a", "b", "c"), "version": "1", **options}
    return DatasetPlugin(load=load, **options)


def materialise(dataset, arguments, sha256="c0de") -> Path:
    return cache.materialise(dataset, arguments, sha256)[0]


@pytest.fixture
def toy(arrays):
    """A data set that counts how often it is loaded."""
    loads = []

    def load(shade=0, mode="plain"):
        loads.append((shade, mode))
        return {
            name: (images ^ np.uint8(shade), labels) for name, (images, labels) in arrays.items()
        }

    return plugin(load, synthetic=True), loads


def test_a_data_set_is_loaded_once_and_opens_from_the_cache(toy, folder, arrays):
    dataset, loads = toy
    path = materialise(dataset, {})
    assert path.parent == folder
    assert re.fullmatch(r"toy-1-[0-9a-f]{8}", path.name)
    assert materialise(dataset, {}) == path
    assert loads == [(0, "plain")]
    splits = open_splits(path)
    assert np.array_equal(splits.train.images, arrays["train"][0])
    assert splits.name == "toy"
    assert splits.classes == ("a", "b", "c")
    assert splits.synthetic


def test_arguments_have_a_place_of_their_own(toy, folder):
    dataset, loads = toy
    paths = [materialise(dataset, arguments) for arguments in ({"shade": 1}, {"shade": 2})]
    assert len({*paths, materialise(dataset, {})}) == 3
    assert loads == [(1, "plain"), (2, "plain"), (0, "plain")]
    # Results are stored by this name: it depends on nothing but the arguments.
    assert open_splits(paths[0]).name == "toy-f9aa0b72"


def test_defaults_given_by_hand_are_the_same_data_set(toy):
    dataset, loads = toy
    assert materialise(dataset, {"mode": "plain", "shade": 0}) == materialise(dataset, {})
    assert len(loads) == 1


def test_the_source_names_the_plugin_and_its_arguments(toy):
    text = (materialise(toy[0], {"shade": 3}) / "manifest.json").read_text()
    assert '"name": "toy[shade=3,mode=plain]"' in text
    assert '"form": "plugin 1"' in text


def test_a_new_version_is_loaded_anew(toy, folder):
    materialise(toy[0], {})
    assert materialise(plugin(toy[0].load, version="2"), {}).name.startswith("toy-2-")
    assert len(toy[1]) == 2


def test_other_code_or_classes_are_another_data_set_of_the_same_name(toy):
    dataset, loads = toy
    other = plugin(dataset.load, classes=("c", "b", "a"), synthetic=True)
    paths = [
        materialise(dataset, {}),
        materialise(dataset, {}, sha256="other"),
        materialise(other, {}),
    ]
    assert len(set(paths)) == len(loads) == 3
    assert {open_splits(path).name for path in paths} == {"toy"}
    assert open_splits(paths[2]).classes == ("c", "b", "a")


@pytest.mark.parametrize("file", ["train_images.npy", "manifest.json"])
def test_a_damaged_cache_is_written_again(toy, arrays, file):
    dataset, loads = toy
    path = materialise(dataset, {})
    content = (path / file).read_bytes()
    (path / file).write_bytes(content[:-1] + b"x")
    splits = cache.materialise(dataset, {}, "c0de")[1]
    assert np.array_equal(splits.train.images, arrays["train"][0])
    assert len(loads) == 2


def test_what_a_plugin_prints_is_no_output_of_the_command(arrays, capsys):
    materialise(plugin(lambda: print("drawing …") or arrays), {})
    assert capsys.readouterr() == ("", "drawing …\n")


def test_a_load_that_changes_the_folder_changes_it_for_nobody(arrays, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    materialise(plugin(lambda: os.chdir("/") or arrays), {})
    assert Path.cwd() == tmp_path


def test_a_value_that_the_plugin_refuses_is_the_users_mistake(arrays):
    def load(size=3):
        raise RequestError(f"size must be 5 or more, not {size}")

    with pytest.raises(RequestError, match=r"^size must be 5 or more, not 3$"):
        materialise(plugin(load), {})


def test_two_that_ask_at_once_load_once(arrays):
    loads = []

    def load():
        loads.append(1)
        time.sleep(0.3)  # long enough for the others to come to the lock
        return arrays

    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: materialise(plugin(load), {}), range(4)))
    assert len(paths) == 1
    assert len(loads) == 1


def test_the_lock_is_given_back_after_a_failure(toy, arrays):
    broken = [True]

    def load():
        if broken.pop():
            raise RuntimeError
        return arrays

    dataset = plugin(load)
    with pytest.raises(PluginError):
        materialise(dataset, {})
    broken.append(False)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(materialise, dataset, {}).result(timeout=20).is_dir()


def test_an_unknown_argument_is_refused_with_the_valid_ones(toy):
    with pytest.raises(RequestError, match=r"'shadow'; did you mean 'shade'\? valid: mode, shade"):
        materialise(toy[0], {"shadow": 1})


@pytest.mark.parametrize("error", [ValueError("no net"), SystemExit(3)])
def test_a_plugin_that_raises_is_named(error, folder):
    def load():
        raise error

    with pytest.raises(PluginError, match=rf"dataset 'toy': load raised {type(error).__name__}"):
        materialise(plugin(load), {})
    assert [path.suffix for path in folder.iterdir()] in ([], [".lock"])


@pytest.mark.parametrize(
    ("returned", "found"),
    [
        (None, "load returned NoneType, expected a mapping with the keys train, valid, test"),
        ({}, r"load returned \[\], expected"),
        ({"train": 1, "test": 2}, r"load returned \['test', 'train'\], expected"),
        (dict.fromkeys(("train", "valid", "test"), 1), "returned as 'train' is no pair of arrays"),
        (
            dict.fromkeys(("train", "valid", "test"), (1, 2, 3)),
            "as 'train' is no pair .*ValueError",
        ),
    ],
)
def test_a_plugin_that_returns_no_splits_is_named(returned, found):
    with pytest.raises(PluginError, match=f"dataset 'toy': .*{found}"):
        materialise(plugin(lambda: returned), {})


def test_arrays_that_are_no_data_set_name_the_plugin(arrays, folder):
    arrays["train"] = (arrays["train"][0] / 255, arrays["train"][1])
    with pytest.raises(DataError, match="data set 'toy': train_images holds float64"):
        materialise(plugin(lambda: arrays), {})
    assert [path.suffix for path in folder.iterdir()] in ([], [".lock"])


def test_a_cache_that_cannot_be_written_is_one_clear_error(toy, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(DataError, match=r"cannot write the cache .* set HARNESS_CACHE to a folder"):
        materialise(toy[0], {})


def test_without_a_word_the_cache_is_the_users(monkeypatch):
    monkeypatch.delenv("HARNESS_CACHE")
    assert cache.user_cache() == platformdirs.user_cache_path("harness")


class Lazy(dict):
    def __getitem__(self, split):
        raise KeyError("gone")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (asyncio.CancelledError("off"), "load raised CancelledError: off"),
        (GeneratorExit(), "load raised GeneratorExit"),
        (Mute(), "load raised Mute"),
        (FileNotFoundError(2, "no", "d\udcff"), r"load raised FileNotFoundError: .*\\udcff"),
        (Lazy(train=1, valid=2, test=3), "returned as 'train' is no pair .*: KeyError: 'gone'"),
    ],
)
def test_whatever_a_plugin_raises_is_a_sentence(act, sentence):
    def load():
        if isinstance(act, BaseException):
            raise act
        return act

    with pytest.raises(PluginError, match=sentence):
        materialise(plugin(load), {})


def test_tensors_that_keep_gradients_are_no_arrays(arrays):
    images = torch.zeros(6, 8, 8, requires_grad=True)
    with pytest.raises(PluginError, match=r"is no pair of arrays .*requires grad"):
        materialise(plugin(lambda: {**arrays, "train": (images, [0] * 6)}), {})


def test_ctrl_c_in_a_plugin_is_ctrl_c():
    def load():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        materialise(plugin(load), {})
