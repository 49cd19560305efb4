import errno
import zipfile

import numpy as np
import pytest

from harness.errors import StoreError
from harness.evaluate import predictions
from harness.evaluate.predictions import (
    FILE,
    TRAINING,
    clean_mask,
    read_predictions,
    read_training,
    save_predictions,
    save_training,
)

ARRAYS = {
    "valid_probabilities": np.eye(3, dtype=np.float32),
    "valid_labels": np.arange(3),
    "test_probabilities": np.eye(3, dtype=np.float32),
    "test_labels": np.arange(3),
}


def test_what_was_saved_is_read_and_nothing_else_is_left(tmp_path):
    save_predictions(tmp_path, ARRAYS | {"test_clean": np.array([True, False, True])})
    found = read_predictions(tmp_path)
    assert found["test_probabilities"].dtype == np.float32
    assert found["test_clean"].tolist() == [True, False, True]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_predictions_of_training_images_are_kept_to_three_digits(tmp_path):
    shares = np.random.default_rng(0).dirichlet(np.ones(5), 200)
    save_training(tmp_path, shares)
    found = read_training(tmp_path, (200, 5))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, shares, atol=5e-4)


def test_predictions_of_very_many_training_images_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(predictions, "MOST_TRAINING_BYTES", 2 * 15)
    save_training(tmp_path, np.full((3, 5), 0.2))
    assert (tmp_path / TRAINING).is_file()
    (tmp_path / TRAINING).unlink()
    save_training(tmp_path, np.full((4, 5), 0.2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_predictions_of_training_images_that_cannot_be_read_are_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / TRAINING).write_bytes(content)
    with pytest.raises(StoreError, match=r"train_predictions\.npz cannot be read"):
        read_training(tmp_path, (3, 5))


def test_an_array_alone_is_no_archive_of_predictions(tmp_path):
    with (tmp_path / TRAINING).open("wb") as file:
        np.save(file, np.full((3, 5), 0.2, np.float16))
    with pytest.raises(StoreError, match=r"train_predictions\.npz cannot be read"):
        read_training(tmp_path, (3, 5))


def test_missing_predictions_are_one_sentence(tmp_path):
    with pytest.raises(
        StoreError, match=r"predictions\.npz cannot be read: .* makes the run again"
    ):
        read_predictions(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive"])
def test_a_damaged_file_is_one_sentence(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read"):
        read_predictions(tmp_path)


def header(content):
    """A bracket too many in the shape of an array."""
    return content.replace(b"(3, 3)", b"(3, 3(")


def central(offset, value):
    """Another byte in the entry of the first member in the archive's directory."""

    def change(content):
        changed = bytearray(content)
        changed[content.index(b"PK\x01\x02") + offset] = value
        return bytes(changed)

    return change


@pytest.mark.parametrize(
    "damage", [header, central(10, 0x61), central(8, 1)], ids=["header", "method", "encrypted"]
)
def test_damage_in_a_single_byte_is_one_sentence(tmp_path, damage):
    save_predictions(tmp_path, ARRAYS)
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(damage(content))
    assert damage(content) != content
    with pytest.raises(StoreError, match="cannot be read"):
        read_predictions(tmp_path)


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / FILE, test_probabilities=np.array([{}], object), test_labels=np.zeros(1))
    with pytest.raises(StoreError, match="cannot be read"):
        read_predictions(tmp_path)


@pytest.mark.parametrize("split", ["valid", "test"])
def test_what_lacks_a_split_says_so(tmp_path, split):
    kept = {name: array for name, array in ARRAYS.items() if name != f"{split}_probabilities"}
    np.savez(tmp_path / FILE, **kept)
    with pytest.raises(StoreError, match=f"lacks {split}_probabilities"):
        read_predictions(tmp_path)


def test_the_mask_is_true_at_the_clean_images():
    assert clean_mask(np.array([0, 2]), 4).tolist() == [True, False, True, False]
    assert clean_mask(np.array([], int), 2).tolist() == [False, False]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("test_labels", "U3"), ("test_probabilities", "U8"), ("valid_probabilities", "complex64")],
)
def test_arrays_of_another_type_are_no_predictions(tmp_path, name, kind):
    arrays = {f"{split}_probabilities": np.full((2, 2), 0.5, "f4") for split in ("valid", "test")}
    arrays |= {f"{split}_labels": np.array([0, 1]) for split in ("valid", "test")}
    arrays[name] = arrays[name].astype(kind)
    np.savez(tmp_path / FILE, **arrays)
    with pytest.raises(StoreError, match=rf"has {name} of the type .*; remove its folder"):
        read_predictions(tmp_path)


def test_a_single_array_under_that_name_is_no_predictions(tmp_path):
    with (tmp_path / FILE).open("wb") as file:
        np.save(file, np.zeros((2, 2)))
    with pytest.raises(StoreError, match="lacks test_labels, test_probabilities"):
        read_predictions(tmp_path)


def test_a_member_that_is_no_array_is_none(tmp_path):
    save_predictions(tmp_path, ARRAYS)
    with zipfile.ZipFile(tmp_path / FILE, "a") as archive:
        archive.writestr("note.txt", "by hand")
    assert read_predictions(tmp_path).keys() == ARRAYS.keys()


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StoreError, match=r"cannot write .*npz \(No space left.* disk full\?"):
        save_predictions(tmp_path, ARRAYS)
    assert list(tmp_path.iterdir()) == []
