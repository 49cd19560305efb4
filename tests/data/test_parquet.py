import io
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from harness.data import published
from harness.data.prepare import prepare

SPLITS = ("train", "valid", "test")
KINDS = ["folder", "zip", "tar.gz"]
RANDOM = np.random.default_rng(0)


def png(pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def write(tmp_path):
    """Write a table of images and labels as a hub does, and return its folder."""

    def write(name, images, labels, classes=("cat", "dog"), paths=None, **columns):
        rows = [
            {"bytes": image if isinstance(image, bytes | None) else png(image), "path": path}
            for image, path in zip(images, paths or [None] * len(images), strict=True)
        ]
        columns = {"image": rows, "label": labels, **columns}
        table = pa.table({key: value for key, value in columns.items() if value is not None})
        if classes:
            label = {"names": list(classes), "_type": "ClassLabel"}
            info = {"features": {"image": {"_type": "Image"}, "label": label}}
            table = table.replace_schema_metadata({"huggingface": json.dumps({"info": info})})
        path = tmp_path / "hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
        return tmp_path / "hub"

    return write


def pixels(count, *shape):
    return RANDOM.integers(0, 256, (count, *(shape or (4, 3))), dtype=np.uint8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "form",
    ["{}-00000-of-00001.parquet", "data/{}-00000-of-00001.parquet", "default/{}/0000.parquet"],
)
def test_splits_are_read_off_the_names_of_files(write, pack, read, kind, form):
    images = {"train": pixels(5), "validation": pixels(3), "test": pixels(4)}
    for word, array in images.items():
        source = write(form.format(word), array, [row % 2 for row in range(len(array))])
    prepared = read(pack(source, kind))
    assert prepared.classes == ("cat", "dog")
    for split, array in zip(SPLITS, images.values(), strict=True):
        assert np.array_equal(prepared.arrays[split][0], array)
        assert prepared.arrays[split][1].tolist() == [row % 2 for row in range(len(array))]
    assert prepared.warnings == ()
    assert prepared.source.form == "parquet"


def test_several_files_of_a_split_are_read_in_the_order_of_their_names(write, pack, read):
    images = pixels(4)
    for number in (1, 0):
        write(f"train-0000{number}-of-00002.parquet", images[2 * number :][:2], [0, 1])
    write("validation.parquet", images, [0, 1, 0, 1])
    source = write("test.parquet", images, [0, 1, 0, 1], paths=[f"{row}.png" for row in range(4)])
    for kind in KINDS:
        prepared = read(pack(source, kind))
        assert np.array_equal(prepared.arrays["train"][0], images)
        assert prepared.files["test"] == ["0.png", "1.png", "2.png", "3.png"]
        assert prepared.files["train"][2] == "train-00001-of-00002.parquet:0"


@pytest.mark.parametrize(
    "form", ["{}/{}/0000.parquet", "{}/{}-00000-of-00001.parquet", "data/{}/{}/part-0.parquet"]
)
def test_a_split_in_several_places_is_refused(write, refusal, form):
    """A hub keeps each configuration in a folder: the same images, split otherwise."""
    for configuration in ("default", "fold_2"):
        for word in ("train", "test"):
            source = write(form.format(configuration, word), pixels(2), [0, 1])
    told = refusal(source)
    assert "hub has files of test in 2 places" in told
    one, other = (form.format(name, "test").removeprefix("data/") for name in ("default", "fold_2"))
    assert f"({source.name}/{one} and {source.name}/{other})" in told
    assert "give one of the folders" in told


def test_a_split_in_parts_by_folders_is_one(write, read):
    for part in ("2023", "2024"):
        source = write(f"train/{part}/train-0.parquet", pixels(2), [0, 1])
    for word in ("validation", "test"):
        write(f"{word}/0.parquet", pixels(2), [0, 1])
    assert [len(read(source).arrays[split][1]) for split in SPLITS] == [4, 2, 2]


def test_each_split_may_have_a_place_of_its_own(write, read):
    for folder, word, count in (("a", "train", 4), ("b", "validation", 3), ("c", "test", 2)):
        source = write(f"{folder}/{word}.parquet", pixels(count), [0, 1, 0, 1][:count])
    assert [len(read(source).arrays[split][1]) for split in SPLITS] == [4, 3, 2]


def test_a_lone_file_is_carved(write, read):
    source = write("cats.parquet", pixels(40), [row % 2 for row in range(40)])
    prepared = read(source / "cats.parquet")
    assert [len(prepared.arrays[split][1]) for split in SPLITS] == [32, 4, 4]
    assert "cats.parquet has no splits: of 40 training images" in prepared.warnings[0]


def test_classes_of_fer2013_are_numbered_by_name(write, read):
    names = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
    for word in ("train", "val", "test"):
        source = write(f"{word}.parquet", pixels(7), list(range(7)), names)
    prepared = read(source)
    assert prepared.classes == published.CLASSES
    assert prepared.arrays["train"][1].tolist() == [0, 1, 2, 3, 6, 4, 5]


def test_classes_without_names_are_called_by_numbers_with_a_warning(write, read):
    for word in ("train", "val", "test"):
        source = write(f"{word}.parquet", pixels(3), [0, 10, 2], classes=None)
    prepared = read(source)
    assert prepared.classes == ("0", "2", "10")
    assert prepared.arrays["test"][1].tolist() == [0, 2, 1]
    assert "hub does not name its classes" in prepared.warnings[0]


def test_labels_may_be_words_and_images_plain_bytes(write, read):
    for word in ("train", "val", "test"):
        images = pixels(2, 4, 3, 3)
        plain = [png(image) for image in images]
        source = write(f"{word}.parquet", images, ["dog", "cat"], None, image=plain)
    prepared = read(source)
    assert prepared.classes == ("cat", "dog")
    assert prepared.arrays["test"][1].tolist() == [1, 0]
    assert np.array_equal(prepared.arrays["test"][0], images)
    assert prepared.warnings == ()


def test_images_are_drawn_as_asked(write, read):
    for word in ("train", "val", "test"):
        source = write(f"{word}.parquet", pixels(2), [0, 1])
    assert read(source, size=(6, 5), channels="rgb").arrays["test"][0].shape == (2, 6, 5, 3)


REFUSED = {
    "no images": ({"image": None, "x": [1]}, "has no columns of images (bytes and path), expected"),
    "no labels": (
        {"label": None, "x": [1]},
        "has no columns of labels (label), expected one, found",
    ),
    "two labels": ({"emotion": [1]}, "has 2 columns of labels"),
    "unlabelled": ({"label": [-1]}, "train.parquet, row 0: expected a label, found -1"),
    "null": ({"label": pa.array([None], pa.int64())}, "row 0: expected a label, found None"),
    "no bytes": ({"images": [None]}, "train.parquet, row 0: the image has no bytes, expected"),
    "no image": ({"image": pa.array([None], pa.binary())}, "row 0: the image has no bytes"),
    "damaged": ({"images": [b"\x89PNG"]}, "row 0 cannot be decoded as an image"),
}


@pytest.mark.parametrize("flaw", REFUSED)
def test_files_that_say_too_little_are_refused(write, refusal, flaw):
    columns, expected = REFUSED[flaw]
    images = columns.pop("images", pixels(1)) if "images" in columns else pixels(1)
    labels = columns.pop("label") if "label" in columns else [0]
    assert expected in refusal(write("train.parquet", images, labels, None, **columns))


def test_a_label_beyond_the_names_is_refused(write, refusal):
    source = write("train.parquet", pixels(2), [0, 2])
    message = "hub/train.parquet, row 1: expected a label from 0 to 1, found 2"
    assert refusal(source).startswith(message)


def test_the_files_of_one_split_alone_are_not_taken_for_all(write, refusal):
    write("data/test/0000.parquet", pixels(2), [0, 1])
    source = write("data/test/0001.parquet", pixels(2), [0, 1])
    assert "has images for test but none to train on" in refusal(source)


def test_in_the_folder_of_one_split_a_file_that_names_none_is_refused_beside_others(write, refusal):
    write("test/test-0.parquet", pixels(2), [0, 1])
    source = write("test/other.parquet", pixels(2), [0, 1])
    assert "other.parquet names no split" in refusal(source)


def test_a_file_that_names_no_split_beside_others_is_refused(write, refusal):
    write("train.parquet", pixels(2), [0, 1])
    source = write("other.parquet", pixels(2), [0, 1])
    assert "hub/other.parquet names no split, expected train, validation or" in refusal(source)


def test_no_rows_are_refused(write, refusal):
    empty = pa.array([], pa.binary())
    source = write("train.parquet", [], pa.array([], pa.int64()), image=empty)
    assert "hub has no rows" in refusal(source)


@pytest.mark.parametrize("damage", ["cut off", "another file", "empty"])
def test_a_damaged_file_is_named(write, refusal, damage):
    source = write("train.parquet", pixels(50), [0] * 50)
    path = source / "train.parquet"
    content = {"cut off": path.read_bytes()[:300], "another file": b"<html>" * 99, "empty": b""}
    path.write_bytes(content[damage])
    message = refusal(path)
    assert message.startswith("train.parquet cannot be read as a Parquet file (")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"info": 1}',
        '{"info": {"features": null}}',
        '{"info": {"features": []}}',
        '{"info": {"features": {"label": 1}}}',
        '{"info": {"features": {"label": {"_type": "ClassLabel", "names": 2}}}}',
    ],
)
def test_metadata_in_another_form_is_passed_over(write, read, text):
    for word in ("train", "val", "test"):
        source = write(f"{word}.parquet", pixels(2), [0, 1], None)
        table = pq.read_table(source / f"{word}.parquet")
        pq.write_table(
            table.replace_schema_metadata({"huggingface": text}), source / f"{word}.parquet"
        )
    assert read(source).classes == ("0", "1")


def test_without_pyarrow_it_is_said_how_to_install_it(write, refusal, monkeypatch):
    source = write("train.parquet", pixels(2), [0, 1])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refusal(source) == (
        "reading Parquet files needs pyarrow, which is not installed; pip install pyarrow"
    )


def test_a_sample_of_the_real_data_reads_as_the_arrays_have_it(fer2013, write, tmp_path):
    """Hub copies number the classes alphabetically; the data set has FER-2013's numbers."""
    alphabetical = sorted(published.CLASSES)
    for split in SPLITS:
        images = np.load(fer2013 / f"{split}_images.npy")[:60]
        labels = np.load(fer2013 / f"{split}_labels.npy")[:60]
        numbers = [alphabetical.index(published.CLASSES[label]) for label in labels]
        source = write(f"{split}-00000-of-00001.parquet", images, numbers, alphabetical)
    prepare(source, tmp_path / "out")
    for split in SPLITS:
        for kind in ("images", "labels"):
            found = np.load(tmp_path / "out" / f"{split}_{kind}.npy")
            assert np.array_equal(found, np.load(fer2013 / f"{split}_{kind}.npy")[:60])


def test_both_test_sets_of_fer2013_in_one_file_are_told_apart_by_their_images_names(write, read):
    names = {
        "train": [f"Training_{n}.jpg" for n in range(6)],
        "test": ["PublicTest_1.jpg", "PrivateTest_2.jpg", "PublicTest_3.jpg", "PrivateTest_4.jpg"],
    }
    for word, paths in names.items():
        labels = [n % 2 for n in range(len(paths))]
        source = write(f"{word}.parquet", pixels(len(paths)), labels, paths=paths)
    prepared = read(source)
    assert prepared.files == {
        "train": names["train"],
        "valid": names["test"][::2],
        "test": names["test"][1::2],
    }
    assert prepared.warnings == ()
