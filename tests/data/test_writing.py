import json
from pathlib import Path

import numpy as np
import pytest

from harness.data import writing
from harness.data.splits import open_splits, write_splits
from harness.data.writing import check_target
from harness.errors import DataError
from harness.schema import Manifest, Source


def write(folder, arrays, **options):
    options = {"name": "set", "classes": ("a", "b", "c"), **options}
    return write_splits(folder, arrays, source=Source(name="x", form="test"), **options)


def everything(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_was_written_opens_again(arrays, tmp_path):
    write(tmp_path / "deep" / "set", arrays)
    splits = open_splits(tmp_path / "deep" / "set")
    assert np.array_equal(splits.train.images, arrays["train"][0])
    assert np.array_equal(splits.test.labels, arrays["test"][1])


def test_the_manifest_says_what_was_written(arrays, tmp_path):
    manifest = write(tmp_path / "set", arrays, synthetic=True, warnings=["beware"])
    assert Manifest.model_validate_json((tmp_path / "set/manifest.json").read_text()) == manifest
    assert manifest.image_shape == (5, 4)
    assert manifest.counts == {"train": 9, "valid": 6, "test": 4}
    assert manifest.class_counts == {"train": (3, 3, 3), "valid": (2, 2, 2), "test": (2, 1, 1)}
    assert manifest.mean == pytest.approx([arrays["train"][0].mean() / 255])
    assert manifest.synthetic
    assert manifest.warnings == ("beware",)
    assert everything(tmp_path) == {"set"}


def test_labels_of_any_integer_type_are_written_as_int64(arrays, tmp_path):
    arrays["test"] = (arrays["test"][0], arrays["test"][1].astype(np.uint8))
    write(tmp_path / "set", arrays)
    assert np.load(tmp_path / "set" / "test_labels.npy").dtype == np.int64


def test_classes_without_images_are_counted_too(arrays, tmp_path):
    manifest = write(tmp_path / "set", arrays, classes=("a", "b", "c", "d"))
    assert manifest.class_counts["test"] == (2, 1, 1, 0)


def test_an_empty_folder_is_filled(arrays, tmp_path):
    (tmp_path / "set").mkdir()
    write(tmp_path / "set", arrays)
    assert everything(tmp_path) == {"set"}
    open_splits(tmp_path / "set")


def test_an_empty_folder_stays_the_same_one(arrays, tmp_path, monkeypatch):
    # A shell that stands in it must not lose it, nor need the folder above be ours to write.
    (tmp_path / "set").mkdir()
    before = (tmp_path / "set").stat().st_ino
    monkeypatch.chdir(tmp_path / "set")
    write(Path(), arrays)
    assert (tmp_path / "set").stat().st_ino == before
    assert everything(tmp_path / "set") == {*writing.FILES, "manifest.json"}


def test_a_break_while_an_empty_folder_is_filled_leaves_it_empty(arrays, tmp_path, monkeypatch):
    (tmp_path / "set").mkdir()
    real = Path.rename

    def breaks(self, target):
        if self.name == "manifest.json":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", breaks)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "set", arrays)
    assert everything(tmp_path / "set") == set()


@pytest.mark.parametrize("name", ["audit.json", "clean_test.npy", "twins.png"])
def test_a_file_of_the_users_with_an_audits_name_is_never_replaced(arrays, tmp_path, name):
    write(tmp_path / "set", arrays)
    (tmp_path / "set" / name).write_text("mine")
    with pytest.raises(DataError, match=f"holds other files \\({name}\\)"):
        write(tmp_path / "set", arrays, replace=True)
    assert (tmp_path / "set" / name).read_text() == "mine"


def test_a_data_set_is_replaced_only_when_asked(arrays, tmp_path):
    first = write(tmp_path / "set", arrays)
    arrays["train"][0][:] = 0
    with pytest.raises(DataError, match="already holds a data set; give --force"):
        write(tmp_path / "set", arrays)
    assert open_splits(tmp_path / "set").mean == first.mean
    write(tmp_path / "set", arrays, replace=True)
    assert open_splits(tmp_path / "set").mean == (0.0,)
    assert everything(tmp_path) == {"set"}


@pytest.mark.parametrize("replace", [False, True])
def test_files_of_the_user_are_never_replaced(arrays, tmp_path, replace):
    write(tmp_path / "set", arrays)
    (tmp_path / "set" / "notes.txt").touch()
    with pytest.raises(DataError, match=r"holds other files \(notes.txt\)"):
        write(tmp_path / "set", arrays, replace=replace)


@pytest.mark.parametrize("what", ["notes.txt", "train_images.npy"])
def test_what_comes_there_meanwhile_is_not_replaced(arrays, tmp_path, monkeypatch, what):
    folder = tmp_path / "set"

    def come(*_):
        folder.mkdir()
        (folder / what).write_text("mine")
        return (0.0,), (1.0,)

    monkeypatch.setattr("harness.data.writing.moments", come)
    with pytest.raises(DataError, match="expected a new folder"):
        write(folder, arrays)
    assert everything(tmp_path) == {"set"}
    assert everything(folder) == {what}


def test_a_systems_own_marks_are_in_nobodys_way(arrays, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for _ in range(2):
        for name in (".DS_Store", "Thumbs.db"):
            (folder / name).touch()
        write(folder, arrays, replace=True)
    assert open_splits(folder).counts["train"] == len(arrays["train"][0])


def test_many_foreign_files_are_named_in_part(arrays, tmp_path):
    (tmp_path / "set").mkdir()
    for name in "abcd":
        (tmp_path / "set" / name).touch()
    with pytest.raises(DataError, match=r"\(a, b, c, …\)"):
        write(tmp_path / "set", arrays)


@pytest.mark.parametrize("replace", [False, True])
def test_bare_arrays_of_the_user_are_never_replaced(arrays, save, replace):
    with pytest.raises(DataError, match="were not prepared here"):
        write(save(arrays), arrays, replace=replace)


def test_a_file_in_the_way_is_refused(arrays, tmp_path):
    (tmp_path / "set").touch()
    with pytest.raises(DataError, match="set is a file, expected a new folder"):
        write(tmp_path / "set", arrays)


def test_a_file_in_place_of_the_parent_is_one_clear_error(arrays, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"cannot write .*set \(Not a directory\)"):
        write(tmp_path / "file" / "set", arrays)


def test_arrays_that_are_no_data_set_are_refused_before_anything_is_written(arrays, tmp_path):
    arrays["test"] = (arrays["test"][0], arrays["test"][1] + 1)
    with pytest.raises(DataError, match="data set 'set': test_labels holds the label 3"):
        write(tmp_path / "set", arrays)
    assert everything(tmp_path) == set()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("replace", [False, True])
def test_a_break_in_the_middle_leaves_all_as_it_was(arrays, tmp_path, monkeypatch, error, replace):
    if replace:
        write(tmp_path / "set", arrays)
    before = everything(tmp_path)
    real = np.save

    def breaks(path, *arguments, **options):
        real(path, *arguments, **options)
        if path.name == "valid_images.npy":
            raise error

    monkeypatch.setattr(writing.np, "save", breaks)
    with pytest.raises(error):
        write(tmp_path / "set", arrays, replace=replace)
    assert everything(tmp_path) == before
    if replace:
        open_splits(tmp_path / "set")


def test_a_full_disk_is_one_clear_error(arrays, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError("2400 requested and 0 written")

    monkeypatch.setattr(writing.np, "save", full)
    with pytest.raises(DataError, match=r"cannot write .* \(2400 requested and 0 written\); free"):
        write(tmp_path / "set", arrays)
    assert everything(tmp_path) == set()


def test_a_break_while_replacing_brings_the_old_data_set_back(arrays, tmp_path, monkeypatch):
    write(tmp_path / "set", arrays)
    real = Path.rename

    def breaks(self, target):
        if self.suffix == ".tmp":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", breaks)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "set", arrays, replace=True)
    assert everything(tmp_path) == {"set"}
    open_splits(tmp_path / "set")


def test_the_manifest_is_written_last(arrays, tmp_path, monkeypatch):
    seen = []
    real = Path.write_text

    def spy(self, *arguments, **options):
        seen.append(everything(self.parent))
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", spy)
    write(tmp_path / "set", arrays)
    assert seen == [set(writing.FILES)]


def test_a_link_to_a_folder_stays_a_link(arrays, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    write(tmp_path / "link", arrays)
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "disk" / "manifest.json").read_text())["name"] == "set"


def test_the_manifest_of_another_tool_makes_no_data_set_of_a_folder(arrays, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"name": "web app"}')
    np.save(folder / "train_images.npy", arrays["train"][0])
    before = everything(folder)
    for replace in (False, True):
        with pytest.raises(DataError, match="were not prepared here"):
            write(folder, arrays, replace=replace)
    assert everything(folder) == before


def test_what_a_killed_process_left_is_in_nobodys_way(arrays, tmp_path):
    folder = tmp_path / "set"
    (folder / ".set-0123abcd.tmp").mkdir(parents=True)
    write(folder, arrays)
    (folder / ".audit.json.77.tmp").touch()
    write(folder, arrays, replace=True)
    assert not any(name.endswith(".tmp") for name in everything(folder))


def test_bytes_that_are_no_utf_8_become_escapes_or_are_refused(arrays, tmp_path):
    odd = b"donn\xe9es".decode("utf-8", "surrogateescape")
    manifest = write(tmp_path / "set", arrays, warnings=[f"{odd} was left out"])
    assert manifest.warnings == ("donn\\xe9es was left out",)
    with pytest.raises(DataError, match="the name is no UTF-8"):
        write(tmp_path / "other", arrays, name=odd)
    assert everything(tmp_path) == {"set"}


def test_names_of_files_must_be_as_many_as_images(arrays, tmp_path):
    files = {split: ["x"] * len(labels) for split, (_, labels) in arrays.items()}
    with pytest.raises(DataError, match="valid has 5 names of files for 6 images"):
        write(tmp_path / "set", arrays, files=files | {"valid": ["x"] * 5})


def test_a_name_that_is_two_on_another_system_is_refused(arrays, tmp_path):
    with pytest.raises(DataError, match=r"parts folders on other systems; give another --out"):
        write(tmp_path / "x", arrays, name="a\\b")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("way", ["gone", "a_file"])
@pytest.mark.parametrize("replace", [False, True])
def test_a_way_over_what_is_no_folder_replaces_nothing(arrays, tmp_path, way, replace):
    """The system finds nothing there, and yet it is the user's folder."""
    (tmp_path / "a_file").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    with pytest.raises(DataError, match="holds other files"):
        write(tmp_path / way / ".." / "mine", arrays, replace=replace)
    assert everything(tmp_path / "mine") == {"notes.txt"}


def test_a_link_that_leads_to_itself_is_one_sentence(arrays, tmp_path):
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(DataError, match="leads round and round"):
        write(tmp_path / "round", arrays)


def test_a_mounted_folder_that_would_have_to_be_replaced_is_refused_before(
    arrays, tmp_path, monkeypatch
):
    write(tmp_path / "set", arrays)
    monkeypatch.setattr("os.path.ismount", lambda place: place.name == "set")
    with pytest.raises(DataError, match="is a mounted folder, which cannot be replaced"):
        check_target(tmp_path / "set", replace=True)
