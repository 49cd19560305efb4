import os
from pathlib import Path

import pytest

from harness.cli.opened import find_data, open_data
from harness.data.printable import no_text
from harness.errors import DataError, RequestError
from harness.plugins import discover


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host that knows the data set `shapes`, and an empty cache."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "shapes.py"
    path.write_text(
        "import numpy as np\n"
        "from harness import DatasetPlugin, hookimpl\n"
        "def load(size=4, path='x'):\n"
        "    images = np.arange(size * 64, dtype=np.uint8).reshape(size, 8, 8)\n"
        "    split = images, np.arange(size) % 2\n"
        "    return {'train': split, 'valid': split, 'test': split}\n"
        "@hookimpl\n"
        "def harness_datasets():\n"
        "    yield DatasetPlugin(name='shapes', load=load, classes=('a', 'b'), version='1')\n"
    )
    return discover([str(path)])


def test_a_folder_is_opened_where_it_lies(tiny, host):
    data = find_data(str(tiny), host)
    assert data.folder == tiny
    assert data.splits.classes == ("left", "right", "up")
    assert data.plugin is None


def test_a_name_is_a_data_set_of_a_plugin(host):
    data = find_data("shapes", host)
    assert len(data.splits.train) == 4
    assert data.plugin.endswith("shapes.py")


def test_a_data_set_takes_arguments(host):
    assert len(find_data("shapes[size=6]", host).splits.train) == 6


def test_an_argument_may_be_a_path(host):
    data = find_data("shapes[path=/data/x]", host)
    assert len(data.splits.train) == 4
    assert "path=/data/x" in (data.folder / "manifest.json").read_text()


def test_an_edited_plugin_brings_its_data_anew(host, tmp_path):
    assert find_data("shapes", host).splits.train.images.max() == 255
    path = tmp_path / "shapes.py"
    path.write_text(path.read_text().replace("(size, 8, 8)", "(size, 8, 8) // 2"))
    assert find_data("shapes", discover([str(path)])).splits.train.images.max() == 127


def test_plugins_are_looked_for_only_where_there_is_no_folder(tiny, host, tmp_path):
    gone = str(tmp_path / "gone.py")
    assert open_data(str(tiny), [gone]).folder == tiny
    assert len(open_data("shapes[size=6]", [str(tmp_path / "shapes.py")]).splits.train) == 6
    with pytest.raises(RequestError, match=r"gone\.py: there is no such plugin"):
        open_data("shapes", [gone])
    with pytest.raises(RequestError, match=r"DIR\|NAME is empty"):
        open_data(" ")


def test_no_words_are_the_built_in_data(host, monkeypatch):
    monkeypatch.setattr("harness.cli.opened.BUILT_IN", "shapes")
    assert len(find_data("", host).splits.train) == 4


def test_a_folder_goes_before_a_data_set_of_its_name(tiny, host, monkeypatch):
    monkeypatch.chdir(tiny.parent)
    assert str(find_data("tiny", host).folder) == "tiny"


def test_a_folder_without_data_says_what_it_lacks(tmp_path, host):
    with pytest.raises(DataError, match=r"lacks train_images\.npy"):
        find_data(str(tmp_path), host)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("no/such", "no/such: there is no such folder"),
        ("no\\such", "no\\such: there is no such folder"),
        ("shape", "shape: there is no such folder, and no data set of that name; unknown"),
        ("x" * 300, f"{'x' * 300}: there is no such folder, and no data set of that name"),
        ("shapes[", "cannot read 'shapes['"),
        ("shapes[sise=3]", "data set shapes: unknown argument 'sise'; did you mean 'size'?"),
        ("shapes[size=big]", "data set shapes: argument size must be int like 4, not 'big'"),
    ],
)
def test_words_that_name_no_data_are_one_sentence(words, sentence, host):
    with pytest.raises(RequestError) as caught:
        find_data(words, host)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("act", [open_data, lambda words: find_data(words, discover([]))])
def test_a_folder_whose_name_no_record_can_hold_is_refused(tiny, tmp_path, act):
    folder = tmp_path / "d\udcff"
    try:
        folder.symlink_to(tiny)
    except OSError:
        pytest.skip("names are UTF-8 here")
    with pytest.raises(DataError, match=r"d\\xff: the name is no UTF-8"):
        act(str(folder))


@pytest.mark.parametrize("order", [("a/mydata.py", "b/net.py"), ("b/net.py", "a/mydata.py")])
def test_a_data_set_loads_what_lies_beside_it_whatever_others_have(tmp_path, monkeypatch, order):
    """Many have a prep.py."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    for folder, value in (("a", 7), ("b", 9)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "prep.py").write_text(f"value = {value}\n")
    (tmp_path / "a" / "mydata.py").write_text(
        "import numpy as np\n"
        "from harness import DatasetPlugin, hookimpl\n"
        "def load():\n"
        "    from prep import value\n"
        "    split = np.full((4, 8, 8), value, np.uint8), np.arange(4) % 2\n"
        "    return {'train': split, 'valid': split, 'test': split}\n"
        "@hookimpl\n"
        "def harness_datasets():\n"
        "    yield DatasetPlugin(name='mine', load=load, classes=('a', 'b'), version='1')\n"
    )
    (tmp_path / "b" / "net.py").write_text("import prep\n")
    found = find_data("mine", discover([str(tmp_path / name) for name in order]))
    assert set(found.splits.train.images.ravel()) == {7}


def test_a_folder_above_whose_name_is_no_text_is_named_whole(tmp_path, monkeypatch):
    above = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        above.mkdir()
    except OSError:
        pytest.skip("this file system takes no such name")
    monkeypatch.chdir(above)
    assert no_text(Path("data")) == f"{tmp_path}/caf\\xe9/data"
    assert no_text(Path(os.fsdecode(b"\xe9"))) == "\\xe9"
    assert no_text(tmp_path / "data") == ""
