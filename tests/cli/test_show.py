import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from harness.cli.data import data
from harness.data.splits import write_splits
from harness.errors import RequestError
from harness.schema import Source


def invoke(*arguments):
    return CliRunner().invoke(data, ["show", *(str(argument) for argument in arguments)])


@pytest.fixture
def folder(tmp_path):
    """A data set of three classes, prepared with a warning, with a blank image in train."""
    random = np.random.default_rng(0)
    arrays = {
        split: (random.integers(0, 256, (count, 6, 5), dtype=np.uint8), np.arange(count) % 3)
        for split, count in {"train": 9, "valid": 6, "test": 4}.items()
    }
    arrays["train"][0][2] = 9
    source = Source(name="x.zip", form="class-folders")
    write_splits(
        tmp_path / "pets",
        arrays,
        name="pets",
        classes=("cat", "dog", "eel"),
        source=source,
        warnings=["beware"],
    )
    return tmp_path / "pets"


def test_the_table_has_a_row_a_split(folder):
    result = invoke(folder)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "pets"
    assert lines[2].split() == ["split", "images", "cat", "dog", "eel"]
    assert lines[4].split() == ["train", "9", "3", "3", "3"]
    assert lines[6].split() == ["test", "4", "2", "1", "1"]
    assert result.stderr == "warning: beware\n"


def test_below_it_stand_size_brightness_blanks_source_and_fingerprint(folder):
    lines = invoke(folder).stdout.splitlines()
    images = np.load(folder / "train_images.npy") / 255
    assert "size         6 × 5 pixels, grey" in lines
    mean = f"{images.mean():.4f}, standard deviation {images.std():.4f}"
    assert f"train mean   {mean}" in lines
    assert "blank        1 in train" in lines
    assert "source       x.zip (class-folders)" in lines
    assert any(line.startswith("fingerprint  ") and len(line) == 13 + 64 for line in lines)


def test_many_classes_are_rows(tmp_path):
    for split in ("train", "valid", "test"):
        np.save(tmp_path / f"{split}_images.npy", np.zeros((20, 2, 2, 3), np.uint8))
        np.save(tmp_path / f"{split}_labels.npy", np.arange(20))
    lines = invoke(tmp_path).stdout.splitlines()
    assert lines[2].split() == ["class", "train", "valid", "test"]
    assert lines[4].split() == ["all", "20", "20", "20"]
    assert lines[24].split() == ["19", "1", "1", "1"]
    assert "size         2 × 2 pixels, RGB" in lines
    assert "source       not known (no manifest)" in lines


def test_json_holds_the_same_numbers(folder):
    printed = json.loads(invoke(folder, "--json").stdout)
    assert printed["class_counts"] == {"train": [3, 3, 3], "valid": [2, 2, 2], "test": [2, 1, 1]}
    assert printed["blank"] == {"train": 1, "valid": 0, "test": 0}
    assert printed["source"]["form"] == "class-folders"


def test_a_picture_is_drawn_where_asked(folder, tmp_path):
    result = invoke(folder, "--out", tmp_path / "new" / "pets.PNG")
    assert result.stdout.splitlines()[-1] == f"picture in {tmp_path / 'new' / 'pets.PNG'}"
    with Image.open(tmp_path / "new" / "pets.PNG") as image:
        assert image.format == "PNG"
    assert json.loads(invoke(folder, "--json", "--out", tmp_path / "pets.svg").stdout)


def test_a_name_that_is_no_picture_is_refused_before_anything_is_read(folder):
    result = invoke(folder / "gone", "--out", "pets.jpg")
    assert isinstance(result.exception, RequestError)
    assert "pets.jpg is no picture, expected a name that ends in .png" in str(result.exception)


def test_a_place_that_cannot_be_written_is_one_sentence(folder):
    result = invoke(folder, "--out", folder / "manifest.json" / "x.png")
    assert isinstance(result.exception, RequestError)
    assert "cannot write" in str(result.exception)


def test_help_teaches_by_an_example():
    assert "harness data show data/fer2013 --out fer2013.png" in invoke("--help").stdout


def test_votes_and_notes_stand_below(voted, folder):
    lines = invoke(voted).stdout.splitlines()
    assert "votes        right, up, left, unknown; from votes.csv" in lines
    assert json.loads(invoke(voted, "--json").stdout)["votes"]["source"]["name"] == "votes.csv"
    assert "votes" not in invoke(folder).stdout
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "notes": ["so it is"]}))
    assert invoke(folder).stdout.splitlines()[-1] == "so it is"


def test_a_data_set_of_a_plugin_is_shown_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mine.py").write_text(
        "from harness import DatasetPlugin, hookimpl\n"
        "from harness.data.faces import load\n"
        "@hookimpl\n"
        "def harness_datasets():\n"
        "    names = ('a', 'b', 'c', 'd', 'e', 'f', 'g')\n"
        "    yield DatasetPlugin(name='mine', load=load, classes=names, version='1')\n"
    )
    result = invoke("mine[size=80]", "-p", tmp_path / "mine.py")
    assert result.exit_code == 0
    assert "source       mine[size=80,difficulty=0.2,seed=0] (plugin 1)" in result.stdout
    refused = invoke("mime", "-p", tmp_path / "mine.py")
    assert "unknown data set 'mime'; did you mean 'mine'?" in str(refused.exception)
