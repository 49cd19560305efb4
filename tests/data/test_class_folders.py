"""Class folders: what their names say of classes and splits."""

import shutil
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from harness.data import published
from harness.data.prepare import prepare
from harness.errors import DataError

KINDS = ["folder", "zip", "tar", "tar.gz", "tgz"]
SPLITS = ("train", "valid", "test")


def numbered(folder, count, suffix="png"):
    return [f"{folder}/{number:02}.{suffix}" for number in range(count)]


def shades(prepared, split):
    return prepared.arrays[split][0].reshape(len(prepared.arrays[split][0]), -1)[:, 0].tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("valid", ["valid", "val", "Validation"])
def test_split_folders_are_taken_as_they_are(tree, pack, read, kind, valid):
    source = tree(
        "train/b/x.png", "train/a/y.png", f"{valid}/a/z.png", "test/b/u.png", "test/a/v.png"
    )
    prepared = read(pack(source, kind, top="top/"))
    assert prepared.classes == ("a", "b")
    assert [shades(prepared, split) for split in SPLITS] == [[1, 0], [2], [4, 3]]
    assert [prepared.arrays[split][1].tolist() for split in SPLITS] == [[0, 1], [0], [0, 1]]
    assert prepared.files == {
        "train": ["train/a/y.png", "train/b/x.png"],
        "valid": [f"{valid}/a/z.png"],
        "test": ["test/a/v.png", "test/b/u.png"],
    }
    assert prepared.warnings == ()
    assert prepared.arrays["train"][0].shape == (2, 3, 2)


LOST = {
    "class": (["a/1.png", "b/2.png"], "c/1.heic", "set/c holds no image that can be read (1 .heic"),
    "deep class": (["a/1.png", "b/2.png"], "c/d/1.heic", "set/c holds no image that can be"),
    "only class": (["a/1.png", "a/2.png"], "c/1.heic", "set/c holds no image that can be read"),
    "empty": (["a/1.png", "b/2.png"], "c/", "set/c holds nothing, expected images as in the"),
    "of a split": (["train/a/1.png", "test/a/1.png"], "test/c/1", "set/test/c holds no image"),
    "split": (["train/a/1.png", "train/b/1.png"], "val/a/1.heic", "set/val holds no image that"),
    "within": (["all/train/a/1.png", "all/test/b/1.png"], "all/val/", "set/all/val holds nothing"),
}


@pytest.mark.parametrize("flaw", LOST)
def test_a_class_or_split_of_which_nothing_can_be_read_is_refused(tree, refusal, flaw):
    names, lost, expected = LOST[flaw]
    source = tree(*names)
    (source / lost).parent.mkdir(parents=True, exist_ok=True)
    (source / lost).mkdir() if lost.endswith("/") else (source / lost).write_bytes(b"something")
    message = refusal(source)
    assert message.startswith(expected)
    assert message.endswith("convert what it holds to PNG or JPEG, or remove the folder")


def test_an_empty_class_in_an_archive_is_refused(tree, tmp_path, refusal):
    source = tree("set/a/1.png", "set/b/1.png", name="outer")
    (source / "set" / "c").mkdir()
    for kind in ("zip", "tar"):
        path = shutil.make_archive(str(tmp_path / "packed"), kind, source)
        assert f"packed.{kind}/set/c holds nothing" in refusal(Path(path))


def test_other_folders_beside_those_of_splits_change_nothing(tree, read):
    source = tree("train/a/1.png", "val/b/1.png", "test/a/1.png", "train/b/1.png")
    (source / "notes").mkdir()
    (source / "notes" / "1.txt").write_text("Faces.")
    (source / ".cache").mkdir()
    assert read(source).warnings == ()


def test_a_class_that_is_a_link_to_nothing_is_named(tree, refusal):
    source = tree(*numbered("a", 20), *numbered("b", 20))
    (source / "c").symlink_to("/nowhere/c")
    assert refusal(source).startswith("set/c holds nothing, since it is a link that leads nowhere")


@pytest.mark.parametrize("names", [("training_set", "test_set"), ("TrainSet", "test-set")])
def test_splits_may_be_called_sets(tree, read, names):
    folders = [f"{folder}/{name}" for folder in names for name in ("a", "b")]
    prepared = read(tree(*(name for folder in folders for name in numbered(folder, 20))))
    assert prepared.classes == ("a", "b")
    assert [len(prepared.arrays[split][1]) for split in SPLITS] == [36, 4, 40]


def test_without_split_folders_both_are_carved(tree, read):
    source = tree(*numbered("cat", 20), *numbered("dog", 30))
    prepared = read(source, valid_share=0.1, test_share=0.2, seed=4)
    assert [np.bincount(prepared.arrays[split][1]).tolist() for split in SPLITS] == [
        [14, 21],
        [2, 3],
        [4, 6],
    ]
    for split in SPLITS:
        assert [
            f"{'cat' if shade < 20 else 'dog'}/{shade - 20 * (shade > 19):02}.png"
            for shade in shades(prepared, split)
        ] == prepared.files[split]
    assert prepared.warnings == (
        "set has no splits: of 50 training images 5 for valid and 10 for test were set apart, "
        "stratified by class, with seed 4; results compare with those on the same splits only",
    )


@pytest.mark.parametrize(("given", "missing"), [("test", "valid"), ("val", "test")])
def test_one_missing_split_is_carved_out_of_train(tree, read, given, missing):
    source = tree(*numbered("train/a", 20), *numbered("train/b", 20), f"{given}/a/1.png")
    prepared = read(source)
    assert len(prepared.arrays[missing][0]) == 4
    assert len(prepared.arrays["train"][0]) == 36
    (warning,) = prepared.warnings
    assert warning.startswith(f"set has no split {missing}: of 40 training images 4 for {missing}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"valid_share": 0.4}, "--valid-share means nothing for set, which has its own valid"),
        ({"test_share": 0.2}, "--test-share means nothing for set, which has its own test images"),
        ({"seed": 3}, "--seed means nothing for set, which has all three splits"),
    ],
)
def test_what_is_to_be_carved_must_be_missing(tree, read, refusal, options, told):
    source = tree(*numbered("train/a", 20), "val/a/1.png", "test/a/1.png")
    assert told in refusal(source, **options)
    shutil.rmtree(source / "test")
    shutil.rmtree(source / "val")
    read(source, **options)


def test_file_names_part_the_pooled_test_folder(tree, read):
    source = tree(
        "train/a/Training_5.jpg",
        "test/a/PublicTest_9.jpg",
        "test/a/PrivateTest_3.jpg",
        "test/b/PublicTest_1.jpg",
        "train/b/Training_1.jpg",
    )
    prepared = read(source)
    assert prepared.files["valid"] == ["test/a/PublicTest_9.jpg", "test/b/PublicTest_1.jpg"]
    assert prepared.files["test"] == ["test/a/PrivateTest_3.jpg"]
    assert prepared.warnings == ()


def test_file_names_part_images_without_split_folders(tree, read):
    names = ["a/Training_5.png", "b/PublicTest_9.png", "b/PrivateTest_3.png", "b/Training_1.png"]
    prepared = read(tree(*names))
    assert prepared.files["train"] == ["a/Training_5.png", "b/Training_1.png"]
    assert prepared.files["valid"] == ["b/PublicTest_9.png"]


def test_folders_may_be_named_like_the_usages_of_fer2013(tree, read):
    prepared = read(tree("Training/a/1.png", "PublicTest/a/2.png", "PrivateTest/a/3.png"))
    assert [shades(prepared, split) for split in SPLITS] == [[0], [1], [2]]


def test_images_that_were_split_anew_go_where_their_names_say_with_a_warning(tree, read):
    source = tree(
        "train/a/Training_5.png",
        "train/a/PublicTest_9.png",
        "test/a/PrivateTest_3.png",
        "test/a/Training_7.png",
        "train/b/Training_8.png",
        "test/b/added.png",
    )
    prepared = read(source)
    assert prepared.files["train"][-1] == "train/b/Training_8.png"
    assert prepared.files["valid"] == ["train/a/PublicTest_9.png"]
    assert len(prepared.warnings) == 3
    assert prepared.warnings[0] == (
        "set: 1 images in test are named as of train and taken there: the folders were split anew"
    )
    assert "1 images in train are named as of valid" in prepared.warnings[1]
    assert "1 of 6 file names do not begin with Training_" in prepared.warnings[2]


def test_classes_of_fer2013_are_numbered_by_name(tree, read):
    names = ["anger", "Disgust", "fearful", "happiness", "neutral", "sad", "surprised"]
    source = tree(
        *(f"{split}/{name}/1.png" for split in ("train", "val", "test") for name in names)
    )
    prepared = read(source)
    assert prepared.warnings == ()  # Other data sets have these classes, too.
    assert prepared.classes == published.CLASSES
    expected = dict(zip(names, [0, 1, 2, 3, 6, 4, 5], strict=True))
    found = [expected[file.split("/")[1]] for file in prepared.files["train"]]
    assert prepared.arrays["train"][1].tolist() == found


def test_augmented_copies_are_warned_of(tree, read):
    names = [f"train/{name}/Training_1.png" for name in published.CLASSES]
    names += [f"{split}/{name}/1.png" for split in SPLITS for name in published.CLASSES]
    grown = [f"test/disgust/{number}.png" for number in range(200)]
    warnings = read(tree(*names, *grown)).warnings
    assert any("differing from the published FER-2013" in warning for warning in warnings)
    assert any("the data looks augmented" in warning for warning in warnings)


def test_a_class_without_training_images_is_warned_of(tree, read):
    source = tree("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/B/1.png")
    (warning,) = read(source).warnings
    assert warning == "set has no training image of B: are classes named alike in all splits?"


def test_a_class_may_be_called_train(tree, read):
    source = tree(*numbered("train", 20), *numbered("bus", 20))
    assert read(source).classes == ("bus", "train")


def test_folders_within_a_class_belong_to_it(tree, read):
    source = tree("train/a/x/1.png", "train/b/y/z/1.png", "val/a/1.png", "test/b/1.png")
    assert read(source).classes == ("a", "b")


def test_files_beside_the_folder_of_all_images_change_nothing(tree, read):
    source = tree(
        "all/train/cat/1.png", "all/train/dog/2.png", "all/val/cat/3.png", "all/test/dog/4.png"
    )
    (source / "README.md").write_text("Pets.")
    prepared = read(source)
    assert prepared.classes == ("cat", "dog")
    assert [shades(prepared, split) for split in SPLITS] == [[0, 1], [2], [3]]
    assert prepared.files["test"] == ["all/test/dog/4.png"]


def test_a_table_beside_the_folder_of_all_classes_changes_nothing(tree, read):
    source = tree(*numbered("images/cat", 20), *numbered("images/dog", 20))
    (source / "labels.csv").write_text("file,label\n")
    assert read(source).classes == ("cat", "dog")


def test_a_lone_folder_of_test_images_is_not_trained_on(tree, refusal):
    source = tree(*numbered("test/x", 20), *numbered("test/y", 20))
    assert "set has images for test but none to train on" in refusal(source)


def test_a_lone_folder_of_test_images_in_another_is_not_trained_on(tree, refusal):
    source = tree(*numbered("all/test/x", 20), *numbered("all/test/y", 20))
    (source / "README.md").write_text("Pets.")
    assert "set has images for test but none to train on" in refusal(source)


def test_a_folder_that_holds_the_splits_may_be_named_like_one(tree, read):
    prepared = read(tree("test/train/a/1.png", "test/val/a/2.png", "test/test/a/3.png"))
    assert [shades(prepared, split) for split in SPLITS] == [[0], [1], [2]]


def test_a_lone_folder_of_images_is_one_class(tree, tmp_path):
    source = tree(*numbered("cat", 40))
    with pytest.raises(DataError, match="set: expected at least two classes, found just 'cat'"):
        prepare(source, tmp_path / "out")


REFUSED = {
    "beside": (["train/a/1.png", "extra/a/1.png"], "holds images in extra beside train, expected"),
    "unlabelled": (["train/a/1.png", "test/1.png"], "set/test/1.png lies in no folder of a class"),
    "flat": (["1.png", "a/2.png"], "set/1.png lies in no folder of a class, expected CLASS/FILE"),
    "untrained": (["test/a/1.png", "val/a/1.png"], "has images for valid and test but none to"),
    "unsplit": (["x/train/1.png", "x/test/1.png"], "set/x/test/1.png lies in no folder of a class"),
    "split within": (
        ["x/train/1.png", "x/test/1.png", "y/train/1.png", "y/test/1.png"],
        "set/x/test/1.png lies in a folder test below x, so that either may be the class, expected",
    ),
    "split within one": (
        ["x/1.png", "x/test/1.png", "y/1.png"],
        "set/x/test/1.png lies in a folder test below x, so that either may be the class, expected",
    ),
    "classless": (
        ["all/train/x/1.png", "docs/1.png"],
        "set/all/train/x/1.png lies in a folder train below all, so that either may be the class",
    ),
    "deep": (
        ["set1/x/1.png", "set1/y/1.png", "set2/x/1.png", "set2/y/1.png"],
        "set/set1/x/1.png lies in a folder x below set1, which holds no image itself, so that",
    ),
    "deep splits": (
        ["train/all/x/1.png", "train/all/y/1.png", "test/all/x/1.png"],
        "set/test/all/x/1.png lies in a folder x below all, which holds no image itself, so",
    ),
    "deeper than others": (
        ["docs/1.png", "images/cat/1.png", "images/dog/1.png"],
        "set/images/cat/1.png lies in a folder cat below images, which holds no image itself, so",
    ),
    "stray": (["all/cat/1.png", "all/1.png"], "set/all/1.png lies in no folder of a class"),
    "few": (["a/1.png", "b/1.png"], "set has no splits, and 2 images of 2 classes"),
}


@pytest.mark.parametrize("flaw", REFUSED)
def test_trees_that_say_too_little_are_refused(tree, refusal, flaw):
    names, expected = REFUSED[flaw]
    assert expected in refusal(tree(*names))


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_the_real_data_reads_as_the_arrays_have_it(fer2013, form, pack, read, kind):
    prepared = read(pack(form("folder"), kind, top="fer2013/"))
    assert prepared.classes == published.CLASSES
    for split in SPLITS:
        images = np.load(fer2013 / f"{split}_images.npy")[:60].astype(np.float32).reshape(60, -1)
        labels = np.load(fer2013 / f"{split}_labels.npy")[:60]
        found = prepared.arrays[split][0].astype(np.float32).reshape(60, -1)
        distance = np.abs(found[:, None] - images[None]).mean(2)
        nearest = distance.argmin(1)
        assert sorted(nearest.tolist()) == list(range(60))
        assert distance.min(1).max() < 8  # of 255, for JPEG at quality 80
        assert np.array_equal(prepared.arrays[split][1], labels[nearest])
        assert len(prepared.files[split]) == 60
    assert "sample" in prepared.warnings[-1]


def test_the_real_folders_without_prefixes_lack_valid(form, read):
    folder = form("folder")
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))):
        path.rename(path.with_name(f"{number}.jpg"))
    prepared = read(folder)
    assert [len(prepared.arrays[split][1]) for split in SPLITS] == [54, 6, 120]
    assert "has no split valid: of 60 training images 6 for valid were set" in prepared.warnings[0]


@pytest.mark.slow
def test_the_real_folder_has_the_published_counts_and_nearly_the_published_images(
    fer2013, form, pack, read
):
    prepared = read(pack(form("folder", rows=None), "zip"))
    assert prepared.warnings == ()
    for split in SPLITS:
        images = np.load(fer2013 / f"{split}_images.npy")
        labels = np.load(fer2013 / f"{split}_labels.npy")
        assert np.array_equal(np.bincount(prepared.arrays[split][1]), np.bincount(labels))
        shades = [np.sort(part.mean((1, 2))) for part in (prepared.arrays[split][0], images)]
        differences = np.abs(shades[0] - shades[1])  # of the mean of an image, in 255ths
        assert differences.max() < 2
        assert differences.mean() < 0.1


def test_folders_of_splits_under_other_names_are_no_classes(tree, read, refusal):
    images = [*numbered("train_images/a", 9), *numbered("train_images/b", 9)]
    source = tree(*images, "test_images/a/1.png", "test_images/b/1.png")
    assert read(source).classes == ("a", "b")
    flat = tree("FER2013Train/1.png", "FER2013Valid/1.png", "FER2013Test/1.png", name="flat")
    assert "lies in no folder of a class" in refusal(flat)


def test_two_folders_of_one_split_are_refused(tree, refusal):
    names = ("train/a/1.png", "train/b/1.png", "val/a/1.png", "validation/b/1.png", "test/a/1.png")
    assert "holds val and validation, which name one split" in refusal(tree(*names))


def test_a_link_within_a_zip_is_no_class_that_vanishes(tree, pack, refusal):
    path = pack(tree("a/1.png", "b/2.png"), "zip")
    link = zipfile.ZipInfo("c")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "../more/c")
    assert "packed.zip/c holds nothing" in refusal(path)


def test_what_is_asked_in_vain_is_refused_before_anything_is_decoded(tree, refusal, monkeypatch):
    folder = tree(*(f"{split}/{name}/1.png" for split in SPLITS for name in "ab"))
    alone = tree("test/a/1.png", "test/b/1.png", name="alone")

    def decode(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr("harness.data.images.Decoder.decode", decode)
    assert "the share of valid is 1.5" in refusal(folder, valid_share=1.5)
    assert "--seed means nothing" in refusal(folder, seed=3)
    assert "none to train on" in refusal(alone)


def test_training_in_a_files_name_alone_is_no_split(tree, read):
    odd = "train/dog/training-day.jpg", "test/dog/training_7.jpg"
    more = [f"train/{kind}/{number}.jpg" for kind in ("dog", "cat") for number in range(10, 30)]
    found = read(tree(*odd, "train/cat/1.jpg", "test/cat/2.jpg", *more))
    assert len(found.arrays["test"][1]) == 2
    assert not any("Training_" in sentence for sentence in found.warnings)
