import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from harness.data import published
from harness.data.splits import open_splits, write_splits
from harness.schema import Source


def write(folder, arrays, **options):
    options = {"name": folder.name, "classes": ("a", "b", "c"), **options}
    return write_splits(folder, arrays, source=Source(name="x", form="test"), **options)


def test_six_bare_files_are_a_data_set(arrays, save):
    splits = open_splits(save(arrays))
    for split, (images, labels) in arrays.items():
        opened = getattr(splits, split)
        assert np.array_equal(opened.images, images)
        assert np.array_equal(opened.labels, labels)
        assert len(opened) == len(labels)
    pixels = arrays["train"][0] / 255
    assert splits.mean == pytest.approx([pixels.mean()])
    assert splits.std == pytest.approx([pixels.std()])
    assert splits.name == "bare"
    assert not splits.synthetic
    assert splits.counts == {"train": 9, "valid": 6, "test": 4}


def test_images_are_mapped_not_read(arrays, save):
    images = open_splits(save(arrays)).train.images
    assert isinstance(images, np.memmap)
    assert not images.flags.writeable


def test_a_relative_folder_still_gives_the_data_set_its_name(arrays, save, monkeypatch):
    monkeypatch.chdir(save(arrays, "faces"))
    assert open_splits(Path()).name == "faces"


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", ">i8", "uint64"])
def test_labels_of_any_integer_type_become_int64(arrays, save, dtype):
    arrays["test"] = (arrays["test"][0], arrays["test"][1].astype(dtype))
    labels = open_splits(save(arrays)).test.labels
    assert labels.dtype == np.dtype("int64")
    assert labels.dtype.isnative
    assert labels.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("channels", "shape"), [((), (1, 5, 4)), ((1,), (1, 5, 4)), ((3,), (3, 5, 4))]
)
def test_the_input_shape_is_channels_height_width(arrays, save, channels, shape):
    colour = {
        split: (np.zeros((len(labels), 5, 4, *channels), np.uint8), labels)
        for split, (_, labels) in arrays.items()
    }
    splits = open_splits(save(colour))
    assert splits.input_shape == shape
    assert len(splits.mean) == shape[0]


def test_unnamed_classes_are_numbers_up_to_the_highest_label_of_any_split(arrays, save):
    arrays["test"][1][0] = 3
    splits = open_splits(save(arrays))
    assert splits.classes == ("0", "1", "2", "3")
    assert splits.num_classes == 4


def test_unnamed_classes_that_no_split_has_are_refused(arrays, save, unopened):
    from_one = {split: (images, labels + 1) for split, (images, labels) in arrays.items()}
    folder = save(from_one)
    assert unopened(folder) == (
        f"{folder} holds labels from 1 to 3, expected numbers from 0; subtract 1, or name the "
        "classes in classes.txt, one a line"
    )
    masks = {split: (images, labels % 2 * 255) for split, (images, labels) in arrays.items()}
    assert "holds the label 255 but no label 1, expected numbers from 0" in unopened(save(masks))
    (folder / "classes.txt").write_text("".join(f"{number}\n" for number in range(256)))
    assert open_splits(folder).num_classes == 256


def seven(arrays):
    return {split: (images, np.arange(len(images)) % 7) for split, (images, _) in arrays.items()}


def test_seven_classes_are_taken_for_those_of_fer2013_with_a_warning(arrays, save):
    folder = save(seven(arrays))
    splits = open_splits(folder)
    assert not any(str(folder.parent) in warning for warning in splits.warnings)
    assert splits.classes == published.CLASSES
    assert "taken for FER-2013's" in splits.warnings[0]


def test_the_real_fer2013_needs_no_warning(fer2013):
    splits = open_splits(fer2013)
    assert splits.classes == published.CLASSES
    assert splits.warnings == ()
    assert splits.input_shape == (1, 48, 48)


def test_names_in_a_text_file_win(arrays, save):
    folder = save(seven(arrays))
    (folder / "classes.txt").write_text("\ufeffé\nb\nc\r\n d \n\ne\nf\ng\nh\n", encoding="utf-8")
    splits = open_splits(folder)
    assert splits.classes == ("é", "b", "c", "d", "e", "f", "g", "h")
    assert splits.warnings == ()


def test_one_class_is_nothing_to_tell_apart(arrays, save, unopened):
    for split, (images, labels) in arrays.items():
        arrays[split] = (images, 0 * labels)
    assert "expected at least two classes, found just '0'" in unopened(save(arrays))


@pytest.mark.parametrize(("names", "found"), [("a\nb\na\n", "'a' twice"), ("", "[]")])
def test_unusable_class_names_are_refused(arrays, save, names, found, unopened):
    folder = save(arrays)
    (folder / "classes.txt").write_text(names)
    assert f"expected distinct class names, found {found}" in unopened(folder)


def test_a_label_without_a_name_is_refused(arrays, save, unopened):
    folder = save(arrays)
    (folder / "classes.txt").write_text("a\nb\n")
    assert "train_labels holds the label 2 at index 2, expected 0 to 1" in unopened(folder)


def test_a_long_list_of_classes_is_cut_in_the_message(arrays, save, unopened):
    arrays["valid"][1][1] = 12
    folder = save(arrays)
    (folder / "classes.txt").write_text("".join(f"c{number}\n" for number in range(12)))
    assert "c8, c9, …" in unopened(folder)


def test_an_absurd_label_is_refused_rather_than_counted_up_to(arrays, save, unopened):
    arrays["test"][1][3] = 10**9
    assert "holds the label 1000000000 but no label 3" in unopened(save(arrays))


def test_the_card_says_what_records_need(arrays, save):
    splits = open_splits(save(arrays))
    card = splits.card()
    assert card.model_dump() == {
        "name": "bare",
        "fingerprint": splits.fingerprint,
        "classes": ("0", "1", "2"),
        "input_shape": (1, 5, 4),
        "counts": {"train": 9, "valid": 6, "test": 4},
        "synthetic": False,
        "votes_sha256": None,
        "warnings": (),
    }
    warned = dataclasses.replace(splits, warnings=("these are not the official splits",))
    assert warned.card().warnings == ("these are not the official splits",)


def test_the_fingerprint_depends_on_neither_manifest_nor_folder(arrays, save, tmp_path):
    write(tmp_path / "written", arrays, name="other", classes=("0", "1", "2"), synthetic=True)
    written, bare = open_splits(tmp_path / "written"), open_splits(save(arrays))
    assert written.fingerprint == bare.fingerprint
    assert written.name == "other"


def test_the_fingerprint_changes_with_a_pixel_a_label_or_a_name(arrays, save):
    first = open_splits(save(arrays)).fingerprint
    arrays["test"][0][0, 0, 0] ^= 1
    pixel = open_splits(save(arrays, "pixel")).fingerprint
    arrays["test"][1][0] = 2
    folder = save(arrays, "label")
    label = open_splits(folder).fingerprint
    (folder / "classes.txt").write_text("a\nb\nc\n")
    assert len({first, pixel, label, open_splits(folder).fingerprint}) == 4


def test_what_the_manifest_says_is_taken(arrays, tmp_path):
    manifest = write(tmp_path / "set", arrays, synthetic=True, warnings=("beware",))
    splits = open_splits(tmp_path / "set")
    assert splits.classes == ("a", "b", "c")
    assert splits.warnings == ("beware",)
    assert splits.synthetic
    assert (splits.mean, splits.std) == (manifest.mean, manifest.std)


def test_a_file_that_changed_since_is_named(arrays, tmp_path, unopened):
    folder = tmp_path / "set"
    write(folder, arrays)
    np.save(folder / "valid_labels.npy", np.zeros(6, np.int64))
    message = unopened(folder)
    assert "valid_labels.npy changed since" in message
    assert "remove manifest.json" in message


def rewritten(folder, **fields):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize("field", ["mean", "std"])
def test_other_statistics_than_those_of_the_images_are_refused(arrays, tmp_path, field, unopened):
    """They normalise the images, and stand in no key: a run would be reused for another."""
    folder = tmp_path / "data"
    write(folder, arrays)
    path = folder / "manifest.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps(found | {field: [0.5]}))
    assert f"mean and std are ({'0.5' if field == 'mean' else ''}" in unopened(folder)
    path.write_text(json.dumps(found | {field: [0.5, 0.5]}))
    assert "they cannot be chosen" in unopened(folder)
    path.write_text(json.dumps(found))
    open_splits(folder)


def test_a_manifest_with_an_unknown_field_is_refused(arrays, tmp_path, unopened):
    write(tmp_path / "set", arrays)
    rewritten(tmp_path / "set", colour="grey")
    assert "manifest.json is no valid manifest: colour" in unopened(tmp_path / "set")


def test_a_manifest_that_cannot_be_read_is_refused(arrays, save, unopened):
    folder = save(arrays)
    (folder / "manifest.json").mkdir()
    assert "manifest.json cannot be read" in unopened(folder)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a\\b"])
def test_a_manifest_cannot_send_records_to_another_folder(arrays, tmp_path, name, unopened):
    write(tmp_path / "set", arrays)
    rewritten(tmp_path / "set", name=name)
    assert f"name is {name!r}, expected the name of a folder" in unopened(tmp_path / "set")


def test_checksums_in_the_manifest_are_those_of_the_files(arrays, tmp_path):
    manifest = write(tmp_path / "set", arrays)
    assert len(manifest.sha256) == 6
    for file, sha256 in manifest.sha256.items():
        assert hashlib.sha256((tmp_path / "set" / file).read_bytes()).hexdigest() == sha256
