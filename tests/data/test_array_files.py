import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from harness.data import published
from harness.data.writing import write_splits
from harness.schema import Source

SPLITS = ("train", "valid", "test")
OURS = {f"{split}_{kind}": f"{split}_{kind}" for split in SPLITS for kind in ("images", "labels")}
KERAS = {
    "train_images": "x_train",
    "train_labels": "y_train",
    "valid_images": "x_val",
    "valid_labels": "y_val",
    "test_images": "x_test",
    "test_labels": "y_test",
}
ODD = {role: f"part{number}" for number, role in enumerate(OURS)}


@pytest.fixture
def store(arrays, tmp_path):
    """Save the arrays under other names, as a folder of files or as one file of all."""

    def store(names, kind="npy", **others):
        whole = {
            names[f"{split}_{part}"]: array
            for split, pair in arrays.items()
            for part, array in zip(("images", "labels"), pair, strict=True)
            if f"{split}_{part}" in names
        } | others
        folder = tmp_path / "arrays"
        folder.mkdir(exist_ok=True)
        if kind == "npz":
            np.savez_compressed(folder / "all.npz", **whole)
        else:
            for name, array in whole.items():
                np.save(folder / f"{name}.npy", array)
        return folder

    return store


def assert_equal(prepared, arrays):
    for split in SPLITS:
        for found, expected in zip(prepared.arrays[split], arrays[split], strict=True):
            assert np.array_equal(found, expected)


@pytest.mark.parametrize("names", [OURS, KERAS], ids=["ours", "keras"])
@pytest.mark.parametrize("kind", ["npy", "npz"])
@pytest.mark.parametrize("packed", ["folder", "zip", "tar.gz"])
def test_names_that_say_split_and_kind_are_understood(
    store, pack, read, arrays, names, kind, packed
):
    prepared = read(pack(store(names, kind), packed))
    assert_equal(prepared, arrays)
    assert prepared.classes == ("0", "1", "2")
    assert prepared.warnings == ()
    assert prepared.files is None


def test_a_lone_npz_file_is_read(store, read, arrays):
    assert_equal(read(store(KERAS, "npz") / "all.npz"), arrays)


@pytest.mark.parametrize(
    ("kind", "form"), [("npy", "{}.npy"), ("npz", "all.npz:{}"), ("npz", "{}")]
)
def test_other_names_are_given_by_the_user(store, read, arrays, kind, form):
    given = {role: form.format(name) for role, name in ODD.items()}
    assert_equal(read(store(ODD, kind), arrays=given), arrays)


def test_the_users_word_counts_for_more_than_a_name(store, read, arrays):
    other = np.zeros_like(arrays["train"][0])
    prepared = read(store(OURS, other=other), arrays={"train_images": "other.npy"})
    assert not prepared.arrays["train"][0].any()


def test_a_split_that_is_missing_is_carved(store, read):
    names = {role: name for role, name in OURS.items() if not role.startswith("valid")}
    prepared = read(store(names), valid_share=0.4)
    assert [len(prepared.arrays[split][1]) for split in SPLITS] == [5, 4, 4]
    assert "arrays has no split valid: of 9 training images 4 for valid" in prepared.warnings[0]


def test_labels_in_a_column_are_flattened(store, read, arrays):
    store(OURS)
    source = store({}, train_labels=arrays["train"][1][:, None])
    assert_equal(read(source), arrays)


def test_classes_are_named_by_a_file_beside_them(store, read):
    source = store(OURS)
    (source / "classes.txt").write_text("left\nright\n\nup\n")
    assert read(source).classes == ("left", "right", "up")


def test_classes_are_named_by_a_file_beside_a_lone_npz_file(store, read):
    source = store(OURS, "npz")
    (source / "classes.txt").write_text("left\nright\nup\n")
    assert read(source / "all.npz").classes == ("left", "right", "up")


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_classes_are_named_by_a_file_beside_arrays_in_a_folder_within(store, pack, read, packed):
    source = store(OURS)
    (source / "classes.txt").write_text("left\nright\nup\n")
    (source.parent / "README.md").write_text("Arrows.")
    assert read(pack(source.parent, packed)).classes == ("left", "right", "up")


def test_classes_are_named_by_a_file_above_the_arrays(store, read):
    source = store(OURS)
    (source.parent / "classes.txt").write_text("left\nright\nup\n")
    assert read(source.parent).classes == ("left", "right", "up")


def test_two_files_that_name_the_classes_are_refused(store, refusal):
    source = store(OURS)
    for split in ("train", "test"):
        (source / split).mkdir()
        (source / split / "classes.txt").write_text("left\nright\nup\n")
        for kind in ("images", "labels"):
            name = f"{split}_{kind}.npy"
            (source / name).rename(source / split / name)
    message = refusal(source)
    assert "arrays holds test/classes.txt and train/classes.txt for arrays of one data" in message


@pytest.fixture
def prepared_set(arrays, tmp_path):
    """Write a data set of three classes as `harness data prepare` does."""
    folder = tmp_path / "ours"
    source = Source(name="pictures", form="arrays")
    write_splits(folder, arrays, name="ours", classes=("left", "right", "up"), source=source)
    return folder


def test_a_data_set_that_was_audited_is_read_as_its_arrays(prepared_set, read, arrays):
    Image.new("L", (2, 2)).save(prepared_set / "twins.png")
    np.save(prepared_set / "clean_test.npy", np.arange(3))
    (prepared_set / "audit.json").write_text("{}")
    assert_equal(read(prepared_set), arrays)


@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_pictures_beside_all_six_arrays_are_passed_over(store, read, arrays, kind):
    source = store(OURS, kind)
    (source / "figures").mkdir()
    for name in ("preview.png", "figures/1.png"):
        Image.new("L", (2, 2)).save(source / name)
    assert_equal(read(source), arrays)


@pytest.mark.parametrize("lacking", ["test_labels", None])
def test_arrays_beside_images_that_are_not_all_six_or_damaged_leave_these_the_data(
    store, refusal, lacking
):
    source = store({role: name for role, name in OURS.items() if role != lacking}, "npz")
    Image.new("L", (2, 2)).save(source / "1.png")
    if lacking is None:
        path = source / "all.npz"
        path.write_bytes(path.read_bytes()[:100])
    assert refusal(source).startswith("arrays/1.png lies in no folder of a class")


def test_what_an_audit_left_is_not_among_the_arrays(store, refusal):
    message = refusal(store(ODD, clean_test=np.arange(3)))
    assert "part0.npy" in message
    assert "clean_test" not in message


@pytest.mark.parametrize("packed", ["folder", "zip"])
def test_classes_are_named_by_the_manifest_of_a_prepared_data_set(prepared_set, pack, read, packed):
    assert read(pack(prepared_set, packed, top="ours/")).classes == ("left", "right", "up")


def test_classes_txt_counts_for_more_than_the_manifest(prepared_set, read):
    (prepared_set / "classes.txt").write_text("west\neast\nnorth\n")
    assert read(prepared_set).classes == ("west", "east", "north")


def test_a_manifest_that_says_something_else_is_refused(store, refusal):
    source = store(OURS)
    (source / "manifest.json").write_text("{}")
    message = refusal(source)
    assert message.startswith("arrays/manifest.json is no valid manifest: name: field required")
    assert message.endswith("or name the classes in classes.txt beside the arrays, one a line")


def test_seven_classes_are_taken_for_those_of_fer2013_with_a_warning(store, read):
    labels = np.arange(14) % 7
    seven = {f"{split}_labels": labels for split in SPLITS}
    seven |= {f"{split}_images": np.zeros((14, 2, 2), np.uint8) for split in SPLITS}
    prepared = read(store({}, **seven))
    assert prepared.classes == published.CLASSES
    assert "arrays does not name its seven classes: they are taken for" in prepared.warnings[0]
    assert len(prepared.warnings) == 1  # Nothing else says that it is FER-2013.


def test_counts_near_the_published_ones_are_compared_with_them(store, read):
    near = {}
    for split in SPLITS:
        near[f"{split}_labels"] = np.repeat(np.arange(7), published.COUNTS[split])[1:]
        near[f"{split}_images"] = np.zeros((len(near[f"{split}_labels"]), 1, 1), np.uint8)
    assert "angry 3994 (published: 3995)" in read(store({}, **near)).warnings[1]


def test_the_real_counts_call_for_no_warning(store, read):
    whole = {}
    for split in SPLITS:
        whole[f"{split}_labels"] = np.repeat(np.arange(7), published.COUNTS[split])
        whole[f"{split}_images"] = np.zeros((sum(published.COUNTS[split]), 1, 1), np.uint8)
    assert read(store({}, **whole)).warnings == ()


def test_the_real_files_read_as_they_are(fer2013, read):
    prepared = read(fer2013)
    assert prepared.warnings == ()
    for split in SPLITS:
        images = np.load(fer2013 / f"{split}_images.npy", mmap_mode="r")
        assert np.array_equal(prepared.arrays[split][0], images)


def test_missing_arrays_are_named_with_what_is_there(store, refusal):
    message = refusal(store(ODD, "npz"))
    assert "arrays names no train_images and no train_labels, found all.npz:part0" in message
    assert message.endswith("say which they are, like --array train_images=all.npz:part0")


def test_images_without_labels_are_named(store, refusal):
    names = {role: name for role, name in OURS.items() if role != "test_labels"}
    message = refusal(store(names))
    assert "arrays names no test_labels, found test_images.npy, " in message
    # No array that has a role already is offered for another one.
    assert message.endswith("like --array test_labels=FILE.npy")


def test_an_archive_for_each_split_is_that_split(arrays, read, tmp_path):
    (tmp_path / "arrays").mkdir()
    for split, (images, labels) in arrays.items():
        np.savez(tmp_path / "arrays" / f"{split}.npz", images=images, labels=labels)
    assert_equal(read(tmp_path / "arrays"), arrays)


def test_two_arrays_for_one_role_are_named(store, refusal, arrays):
    message = refusal(store(OURS, X_train=arrays["train"][0]))
    assert "holds X_train.npy and train_images.npy, each of which may be train_images" in message
    assert "--array train_images=NAME" in message


def test_a_word_that_names_no_array_is_refused(store, refusal):
    message = refusal(store(OURS), arrays={"train_images": "x.npy"})
    assert "arrays holds no x.npy, expected the array for train_images, found test_" in message


def test_a_word_that_names_two_arrays_is_refused(store, refusal, arrays):
    source = store(OURS, "npz")
    np.savez(source / "b.npz", train_images=arrays["train"][0])
    message = refusal(source, arrays={"train_images": "train_images"})
    assert "train_images, which may be all.npz:train_images or b.npz:train_images" in message


def test_an_unknown_role_is_refused_with_the_known_ones(store, refusal):
    message = refusal(store(OURS), arrays={"train_image": "x"})
    assert "unknown array 'train_image'; did you mean 'train_images'?" in message


BAD = {
    "floats": ({"train_images": np.zeros((9, 5, 4))}, "train_images holds float64, expected uint8"),
    "names": (
        {"train_labels": np.array(["left", "right", "up"] * 3)},
        "train_labels holds <U5, expected integers (the class numbers, from 0); convert it by "
        "classes, labels = np.unique(labels, return_inverse=True), over all splits at once",
    ),
    "fractions": ({"train_labels": np.zeros(9)}, "convert it by labels.astype('int64')"),
    "length": ({"test_labels": np.zeros(3, int)}, "test_labels holds 3 labels, expected 4"),
    "sizes": ({"test_images": np.zeros((4, 2, 2), np.uint8)}, "images of the shape (2, 2)"),
    "high": (
        {"test_labels": np.array([0, 1, 2, 10_000])},
        "the label 10000 but no label 3, expected numbers",
    ),
    "objects": ({"test_labels": np.array([{}] * 4)}, "test_labels.npy cannot be read as arrays"),
}


@pytest.mark.parametrize("flaw", BAD)
def test_arrays_that_are_no_data_set_are_refused(store, refusal, flaw):
    store(OURS)
    others, expected = BAD[flaw]
    assert expected in refusal(store({}, **others))


def test_a_label_without_a_name_is_refused(store, refusal):
    source = store(OURS)
    (source / "classes.txt").write_text("left\nright\n")
    assert "train_labels holds the label 2 at index 2" in refusal(source)


@pytest.mark.parametrize("kind", ["npy", "npz"])
@pytest.mark.parametrize("cut", [0, 5, 100])
def test_a_damaged_file_is_named(store, refusal, kind, cut):
    source = store(OURS, kind)
    path = min(source.iterdir())
    path.write_bytes(path.read_bytes()[:cut])
    assert f"arrays/{path.name} cannot be read as arrays of numbers (" in refusal(source)


def test_a_damaged_header_is_named(store, refusal):
    source = store(OURS, "npy")
    path = source / "train_images.npy"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"), }", b"(, }"))
    assert path.read_bytes() != content
    assert "train_images.npy cannot be read as arrays of numbers (" in refusal(source)


def test_a_damaged_array_in_a_good_archive_is_named(store, refusal):
    source = store(OURS, "npz")
    content = bytearray((source / "all.npz").read_bytes())
    content[200] ^= 255
    (source / "all.npz").write_bytes(content)
    assert "arrays/all.npz:train_images cannot be read as arrays" in refusal(source)


def test_archives_that_hold_nothing_or_are_none_are_refused(tmp_path, refusal):
    np.savez(tmp_path / "empty.npz")
    assert "empty.npz holds no arrays" in refusal(tmp_path / "empty.npz")
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    (tmp_path / "single.npz").write_bytes(buffer.getvalue())
    assert "single.npz is a single array, expected an archive" in refusal(tmp_path / "single.npz")


def test_a_colon_in_the_name_of_a_folder_is_no_key(store, read, arrays):
    folder = store(OURS)
    odd = folder / "12:30"
    odd.mkdir()
    (folder / "notes.txt").touch()  # Else that folder would be the source.
    for path in folder.glob("*.npy"):
        path.rename(odd / path.name)
    assert_equal(read(folder), arrays)
    given = {role: f"12:30/{name}.npy" for role, name in OURS.items()}
    assert_equal(read(folder, arrays=given), arrays)


def test_what_is_no_array_within_an_archive_is_one_sentence(store, refusal):
    path = store(OURS, "npz") / "all.npz"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"train_labels.npy": b""}).items():
            if content:
                archive.writestr(name, content)
        archive.writestr("train_labels", "0 1 2")
    assert "all.npz:train_labels is no array, expected one that numpy.savez" in refusal(path)


def test_a_header_with_a_size_that_is_none_is_one_sentence(store, refusal):
    folder = store(OURS)
    path = folder / "train_images.npy"
    content = path.read_bytes()
    size = content.index(b"'shape': (") + len(b"'shape': (")
    end = content.index(b")", size)
    huge = b"99999999999, 9999".ljust(end - size)
    path.write_bytes(content[:size] + huge[: end - size] + content[end:])
    assert "train_images.npy cannot be read as arrays of numbers" in refusal(folder)
