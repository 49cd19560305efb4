"""Folders that are no data set: each is refused in one sentence."""

import errno
import pickle
from pathlib import Path

import numpy as np
import pytest

from harness.data.splits import open_splits, write_splits
from harness.errors import DataError
from harness.schema import Source


def write(folder, arrays, **options):
    options = {"name": folder.name, "classes": ("a", "b", "c"), **options}
    return write_splits(folder, arrays, source=Source(name="x", form="test"), **options)


def test_a_missing_folder_is_refused(tmp_path, unopened):
    assert "nowhere does not exist" in unopened(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, unopened):
    (tmp_path / "fer2013.csv").touch()
    message = unopened(tmp_path / "fer2013.csv")
    assert "is a file" in message
    assert "harness data prepare" in message


def test_missing_files_are_all_named(arrays, save, unopened):
    folder = save(arrays)
    (folder / "test_labels.npy").unlink()
    (folder / "valid_images.npy").unlink()
    assert "lacks valid_images.npy, test_labels.npy" in unopened(folder)


FLAWS = {
    "floats": (
        lambda x, y: (x / 255, y),
        "valid_images holds float64, expected uint8 with values 0–255; convert it",
    ),
    "wide images": (lambda x, y: (x.astype(np.int32), y), "valid_images holds int32"),
    "flat images": (lambda x, y: (x.reshape(6, -1), y), "valid_images has the shape (6, 20)"),
    "no image": (lambda x, y: (x[:0], y[:0]), "valid_images is empty"),
    "no pixel": (lambda x, y: (x[:, :0], y), "valid_images is empty"),
    "channels first": (
        lambda x, y: (np.zeros((6, 3, 5, 5), np.uint8), y),
        "which looks like channels first",
    ),
    "other size": (lambda x, y: (x[:, :4], y), "images of the shape (4, 4), expected (5, 4)"),
    "float labels": (lambda x, y: (x, y / 1), "valid_labels holds float64, expected integers"),
    "boolean labels": (lambda x, y: (x, y > 0), "valid_labels holds bool, expected integers"),
    "column of labels": (
        lambda x, y: (x, y[:, None]),
        "valid_labels has the shape (6, 1), expected (6,)",
    ),
    "too few labels": (lambda x, y: (x, y[:5]), "valid_labels holds 5 labels, expected 6"),
    "negative label": (lambda x, y: (x, y - 1), "holds the label -1 at index 0, expected 0"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_flaws_are_refused_with_place_expected_and_found(arrays, save, flaw, unopened):
    change, expected = FLAWS[flaw]
    arrays["valid"] = change(*arrays["valid"])
    folder = save(arrays)
    message = unopened(folder)
    assert message.startswith(f"{folder}: valid_")
    assert expected in message


def test_objects_are_refused_without_running_their_code(arrays, save, tmp_path, unopened):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    folder = save(arrays)
    np.save(folder / "test_labels.npy", np.array([Trap()] * 4), allow_pickle=True)
    assert "test_labels.npy cannot be read" in unopened(folder)
    (folder / "test_labels.npy").write_bytes(pickle.dumps(Trap()))
    assert "test_labels.npy cannot be read" in unopened(folder)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_a_cut_off_array_is_refused(arrays, save, keep, unopened):
    path = save(arrays) / "train_images.npy"
    path.write_bytes(path.read_bytes()[:keep])
    assert f"{path} cannot be read as a .npy array" in unopened(path.parent)


def test_a_damaged_header_is_refused(arrays, save, unopened):
    path = save(arrays) / "train_images.npy"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"), }", b"(, }"))
    assert path.read_bytes() != content
    assert f"{path} cannot be read as a .npy array" in unopened(path.parent)


def test_an_archive_named_npy_is_refused(arrays, save, unopened):
    folder = save(arrays)
    with (folder / "train_images.npy").open("wb") as file:
        np.savez(file, images=arrays["train"][0])
    assert "train_images.npy is an archive of several arrays" in unopened(folder)


def test_a_label_that_no_int64_holds_is_refused(arrays, save, unopened):
    images, labels = arrays["test"]
    labels = labels.astype("uint64")
    labels[2] = 2**63
    arrays["test"] = (images, labels)
    message = unopened(save(arrays))
    assert (
        "test_labels holds the label 9223372036854775808 at index 2, expected the number" in message
    )


def test_a_class_name_in_other_bytes_than_utf8_is_refused(arrays, tmp_path):
    with pytest.raises(DataError, match=r"the class name 'fr\\udcf6h' is no text in UTF-8; rename"):
        write(tmp_path / "old", arrays, classes=("a", "b", "fr\udcf6h"))
    assert not (tmp_path / "old").exists()


def test_a_file_of_class_names_that_cannot_be_read_is_one_sentence(
    arrays, save, monkeypatch, unopened
):
    folder = save(arrays)
    (folder / "classes.txt").write_text("a\nb\nc\n")
    real = Path.read_bytes

    def refuse(self):
        if self.name == "classes.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert unopened(folder) == (
        f"cannot read {folder / 'classes.txt'} (Permission denied); see that it is readable"
    )


def test_a_folder_that_must_not_be_looked_at_is_one_sentence(tmp_path, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DataError, match=r"cannot read .*locked/data \(Permission denied\)"):
        open_splits(tmp_path / "locked" / "data")


def test_a_name_that_no_file_can_have_is_a_missing_folder(tmp_path, unopened):
    assert "does not exist" in unopened(tmp_path / ("x" * 300))
