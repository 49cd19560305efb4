import dataclasses
import errno
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from harness.data import published
from harness.data.splits import open_splits, write_splits
from harness.errors import DataError
from harness.schema import Source


def write(folder, arrays, **options):
    options = {"name": folder.name, "classes": ("a", "b", "c"), **options}
    return write_splits(folder, arrays, source=Source(name="x", form="test"), **options)


def refusal(folder) -> str:
    with pytest.raises(DataError) as caught:
        open_splits(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


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


def test_unnamed_classes_that_no_split_has_are_refused(arrays, save):
    from_one = {split: (images, labels + 1) for split, (images, labels) in arrays.items()}
    folder = save(from_one)
    assert refusal(folder) == (
        f"{folder} holds labels from 1 to 3, expected numbers from 0; subtract 1, or name the "
        "classes in classes.txt, one a line"
    )
    masks = {split: (images, labels % 2 * 255) for split, (images, labels) in arrays.items()}
    assert "holds the label 255 but no label 1, expected numbers from 0" in refusal(save(masks))
    (folder / "classes.txt").write_text("".join(f"{number}\n" for number in range(256)))
    assert open_splits(folder).num_classes == 256


def seven(arrays):
    return {split: (images, np.arange(len(images)) % 7) for split, (images, _) in arrays.items()}


def test_seven_classes_are_taken_for_those_of_fer2013_with_a_warning(arrays, save):
    splits = open_splits(save(seven(arrays)))
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


def test_one_class_is_nothing_to_tell_apart(arrays, save):
    for split, (images, labels) in arrays.items():
        arrays[split] = (images, 0 * labels)
    assert "expected at least two classes, found just '0'" in refusal(save(arrays))


@pytest.mark.parametrize(("names", "found"), [("a\nb\na\n", "'a' twice"), ("", "[]")])
def test_unusable_class_names_are_refused(arrays, save, names, found):
    folder = save(arrays)
    (folder / "classes.txt").write_text(names)
    assert f"expected distinct class names, found {found}" in refusal(folder)


def test_a_label_without_a_name_is_refused(arrays, save):
    folder = save(arrays)
    (folder / "classes.txt").write_text("a\nb\n")
    assert "train_labels holds the label 2 at index 2, expected 0 to 1" in refusal(folder)


def test_a_long_list_of_classes_is_cut_in_the_message(arrays, save):
    arrays["valid"][1][1] = 12
    folder = save(arrays)
    (folder / "classes.txt").write_text("".join(f"c{number}\n" for number in range(12)))
    assert "c8, c9, …" in refusal(folder)


def test_an_absurd_label_is_refused_rather_than_counted_up_to(arrays, save):
    arrays["test"][1][3] = 10**9
    assert "holds the label 1000000000 but no label 3" in refusal(save(arrays))


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


def test_a_file_that_changed_since_is_named(arrays, tmp_path):
    folder = tmp_path / "set"
    write(folder, arrays)
    np.save(folder / "valid_labels.npy", np.zeros(6, np.int64))
    message = refusal(folder)
    assert "valid_labels.npy changed since" in message
    assert "remove manifest.json" in message


def rewritten(folder, **fields):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize("field", ["mean", "std"])
def test_other_statistics_than_those_of_the_images_are_refused(arrays, tmp_path, field):
    """They normalise the images, and stand in no key: a run would be reused for another."""
    folder = tmp_path / "data"
    write(folder, arrays)
    path = folder / "manifest.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps(found | {field: [0.5]}))
    assert f"mean and std are ({'0.5' if field == 'mean' else ''}" in refusal(folder)
    path.write_text(json.dumps(found | {field: [0.5, 0.5]}))
    assert "they cannot be chosen" in refusal(folder)
    path.write_text(json.dumps(found))
    open_splits(folder)


def test_a_manifest_with_an_unknown_field_is_refused(arrays, tmp_path):
    write(tmp_path / "set", arrays)
    rewritten(tmp_path / "set", colour="grey")
    assert "manifest.json is no valid manifest: colour" in refusal(tmp_path / "set")


def test_a_manifest_that_cannot_be_read_is_refused(arrays, save):
    folder = save(arrays)
    (folder / "manifest.json").mkdir()
    assert "manifest.json cannot be read" in refusal(folder)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a\\b"])
def test_a_manifest_cannot_send_records_to_another_folder(arrays, tmp_path, name):
    write(tmp_path / "set", arrays)
    rewritten(tmp_path / "set", name=name)
    assert f"name is {name!r}, expected the name of a folder" in refusal(tmp_path / "set")


def test_a_missing_folder_is_refused(tmp_path):
    assert "nowhere does not exist" in refusal(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "fer2013.csv").touch()
    message = refusal(tmp_path / "fer2013.csv")
    assert "is a file" in message
    assert "harness data prepare" in message


def test_missing_files_are_all_named(arrays, save):
    folder = save(arrays)
    (folder / "test_labels.npy").unlink()
    (folder / "valid_images.npy").unlink()
    assert "lacks valid_images.npy, test_labels.npy" in refusal(folder)


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
def test_flaws_are_refused_with_place_expected_and_found(arrays, save, flaw):
    change, expected = FLAWS[flaw]
    arrays["valid"] = change(*arrays["valid"])
    folder = save(arrays)
    message = refusal(folder)
    assert message.startswith(f"{folder}: valid_")
    assert expected in message


def test_objects_are_refused_without_running_their_code(arrays, save, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    folder = save(arrays)
    np.save(folder / "test_labels.npy", np.array([Trap()] * 4), allow_pickle=True)
    assert "test_labels.npy cannot be read" in refusal(folder)
    (folder / "test_labels.npy").write_bytes(pickle.dumps(Trap()))
    assert "test_labels.npy cannot be read" in refusal(folder)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_a_cut_off_array_is_refused(arrays, save, keep):
    path = save(arrays) / "train_images.npy"
    path.write_bytes(path.read_bytes()[:keep])
    assert f"{path} cannot be read as a .npy array" in refusal(path.parent)


def test_a_damaged_header_is_refused(arrays, save):
    path = save(arrays) / "train_images.npy"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"), }", b"(, }"))
    assert path.read_bytes() != content
    assert f"{path} cannot be read as a .npy array" in refusal(path.parent)


def test_an_archive_named_npy_is_refused(arrays, save):
    folder = save(arrays)
    with (folder / "train_images.npy").open("wb") as file:
        np.savez(file, images=arrays["train"][0])
    assert "train_images.npy is an archive of several arrays" in refusal(folder)


def test_checksums_in_the_manifest_are_those_of_the_files(arrays, tmp_path):
    manifest = write(tmp_path / "set", arrays)
    assert len(manifest.sha256) == 6
    for file, sha256 in manifest.sha256.items():
        assert hashlib.sha256((tmp_path / "set" / file).read_bytes()).hexdigest() == sha256


def test_a_label_that_no_int64_holds_is_refused(arrays, save):
    images, labels = arrays["test"]
    labels = labels.astype("uint64")
    labels[2] = 2**63
    arrays["test"] = (images, labels)
    message = refusal(save(arrays))
    assert (
        "test_labels holds the label 9223372036854775808 at index 2, expected the number" in message
    )


def test_a_class_name_in_other_bytes_than_utf8_is_refused(arrays, tmp_path):
    with pytest.raises(DataError, match=r"the class name 'fr\\udcf6h' is no text in UTF-8; rename"):
        write(tmp_path / "old", arrays, classes=("a", "b", "fr\udcf6h"))
    assert not (tmp_path / "old").exists()


def test_a_file_of_class_names_that_cannot_be_read_is_one_sentence(arrays, save, monkeypatch):
    folder = save(arrays)
    (folder / "classes.txt").write_text("a\nb\nc\n")
    real = Path.read_bytes

    def refuse(self):
        if self.name == "classes.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal(folder) == (
        f"cannot read {folder / 'classes.txt'} (Permission denied); see that it is readable"
    )


def test_a_folder_that_must_not_be_looked_at_is_one_sentence(tmp_path, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DataError, match=r"cannot read .*locked/data \(Permission denied\)"):
        open_splits(tmp_path / "locked" / "data")


def test_a_name_that_no_file_can_have_is_a_missing_folder(tmp_path):
    assert "does not exist" in refusal(tmp_path / ("x" * 300))
