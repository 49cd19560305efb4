"""Which CSV file of a folder is read, and how it is named."""

import hashlib
import os

import numpy as np
import pytest
from PIL import Image

from harness.data.formats import recognise
from harness.data.formats.class_folders import ClassFolders
from harness.data.trees import open_tree


def assert_alike(one, other):
    for split, pair in one.arrays.items():
        for found, expected in zip(pair, other.arrays[split], strict=True):
            assert np.array_equal(found, expected)


def test_a_folder_beside_a_readme_is_looked_into(csv, rows, tmp_path, read, refusal):
    (tmp_path / "set" / "fer2013").mkdir(parents=True)
    (tmp_path / "set" / "README.md").write_text("Faces.")
    path = csv(*rows, name="set/fer2013/fer2013.csv")
    assert_alike(read(tmp_path / "set"), read(path))
    path.write_text("pixels,Usage\n1 2 3 4,Training\n")
    assert refusal(tmp_path / "set").startswith(
        "set/fer2013/fer2013.csv, line 1: no column emotion"
    )
    csv(*rows[:2], name="set/other.csv", header="path,emotion,pixels,Usage")
    assert "set/other.csv" in refusal(tmp_path / "set")


def test_a_folder_beside_ferplus_votes_is_looked_into(csv, rows, tmp_path, read):
    (tmp_path / "set" / "fer2013").mkdir(parents=True)
    csv("Training,fer0.png,1,2", header="Usage,Image name,neutral,fear", name="set/fer2013new.csv")
    path = csv(*rows, name="set/fer2013/fer2013.csv")
    assert_alike(read(tmp_path / "set"), read(path))


def test_a_table_in_a_folder_is_not_preferred_to_images(csv, rows, tmp_path):
    folder = tmp_path / "set" / "happy" / "original"
    folder.mkdir(parents=True)
    csv(*rows, name="set/happy/original/icml_face_data.csv")
    Image.new("L", (2, 2)).save(folder.parent / "1.png")
    with open_tree(tmp_path / "set") as tree:
        assert isinstance(recognise(tree), ClassFolders)


def test_the_source_is_named_with_its_checksum(csv, rows, read):
    path = csv(*rows)
    source = read(path).source
    assert source.name == "fer2013.csv"
    assert source.form == "fer2013-csv"
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_file_of_a_folder_is_the_source(csv, rows, tmp_path, read):
    path = csv(*rows)
    (tmp_path / "README.md").write_text("Faces.")
    assert read(tmp_path).source == read(path).source


@pytest.mark.parametrize("name", ["fer2013.csv", "icml_face_data.csv"])
def test_of_several_files_the_one_with_a_known_name_is_read(csv, rows, tmp_path, name, read):
    csv(*rows * 2, name="augmented.csv")
    csv(*rows, name=name)
    prepared = read(tmp_path)
    assert (prepared.source.name, len(prepared.arrays["train"][0])) == (name, 2)


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("fer2013.csv", "icml_face_data.csv")])
def test_several_files_of_which_any_may_be_meant_are_refused(csv, rows, tmp_path, names, refusal):
    for name in names:
        csv(*rows, name=name)
    assert f"holds {', '.join(names)}, expected a single CSV file with emotions" in refusal(
        tmp_path
    )


def test_a_table_that_leads_nowhere_is_in_no_images_way(tree, read):
    folder = tree(*(f"{kind}/{number}.png" for kind in "ab" for number in range(20)))
    (folder / "labels.csv").symlink_to(folder / "gone.csv")
    assert read(folder).classes == ("a", "b")


def test_a_name_that_is_no_text_is_one_that_records_hold(csv, read):
    usages = ("Training", "PublicTest", "PrivateTest")
    path = csv(*(f"{number},1 2 3 4,{usage}" for number in range(7) for usage in usages))
    odd = path.with_name(os.fsdecode(b"donn\xe9es.csv"))
    try:
        path.rename(odd)
    except OSError:
        pytest.skip("this file system takes no such name")
    assert read(odd.parent).source.name == "donn\\xe9es.csv"
