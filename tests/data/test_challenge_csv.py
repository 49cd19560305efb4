from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.data import published
from harness.data.prepare import prepare
from harness.data.splits import open_splits

SPLITS = ("train", "valid", "test")
KINDS = ["folder", "zip", "tar.gz"]


@pytest.fixture
def train(csv):
    """The challenge's file with thirty rows, of two classes; the first pixel counts the rows."""
    return csv(
        *(f"{3 * (row % 2)},{row} 1 2 3" for row in range(30)),
        header="emotion,pixels",
        name="train.csv",
    )


def rows(prepared):
    return {split: images[:, 0, 0].tolist() for split, (images, _) in prepared.arrays.items()}


def test_all_rows_are_dealt_out_with_their_labels(train, read):
    prepared = read(train)
    dealt = rows(prepared)
    assert {split: len(found) for split, found in dealt.items()} == {
        "train": 24,
        "valid": 3,
        "test": 3,
    }
    assert sorted(chain(*dealt.values())) == list(range(30))
    for split in SPLITS:
        assert [3 * (row % 2) for row in dealt[split]] == prepared.arrays[split][1].tolist()
    assert prepared.classes == published.CLASSES
    assert prepared.source.form == "challenge-csv"


def test_shares_and_seed_are_the_users(train, read):
    dealt = rows(read(train, valid_share=0.2, test_share=0.4, seed=5))
    assert {split: len(found) for split, found in dealt.items()} == {
        "train": 12,
        "valid": 6,
        "test": 12,
    }
    assert dealt != rows(read(train, valid_share=0.2, test_share=0.4, seed=6))


def test_the_warning_says_what_is_missing(train, read):
    warning = read(train).warnings[0]
    assert warning.startswith(
        "train.csv has no column Usage: of 30 training images 3 for valid and"
    )
    assert "compare with those on the same splits only" in warning
    train.with_name("test.csv").write_text("pixels\n1 2 3 4\n")
    assert "train.csv has no column Usage and test.csv has no labels:" in read(train).warnings[0]


def test_a_file_for_each_split_is_that_split(csv, read, refusal, tmp_path):
    (tmp_path / "set").mkdir()
    for name, count in (("train", 20), ("val", 4), ("test", 2)):
        lines = (f"{3 * (row % 2)},{count} 1 2 3" for row in range(count))
        csv(*lines, header="emotion,pixels", name=f"set/{name}.csv")
    prepared = read(tmp_path / "set")
    assert rows(prepared) == {"train": [20] * 20, "valid": [4] * 4, "test": [2] * 2}
    assert prepared.arrays["valid"][1].tolist() == [0, 3, 0, 3]
    assert not any("were set apart" in warning for warning in prepared.warnings)
    assert "--valid-share means nothing for" in refusal(tmp_path / "set", valid_share=0.2)
    (tmp_path / "set" / "val.csv").unlink()
    dealt = rows(prepared := read(tmp_path / "set"))
    assert (len(dealt["train"]), len(dealt["valid"])) == (18, 2)
    assert prepared.warnings[0].startswith("set has no CSV file for valid: of 20")
    assert dealt["test"] == [2, 2]


def test_files_of_splits_below_a_note_are_read_as_well(csv, read, tmp_path):
    (tmp_path / "given" / "set").mkdir(parents=True)
    (tmp_path / "given" / "README.md").write_text("who made it")
    for name, count in (("train", 20), ("valid", 4), ("test", 2), ("more", 3)):
        lines = (f"{3 * (row % 2)},{count} 1 2 3" for row in range(count))
        csv(*lines, header="emotion,pixels", name=f"given/set/{name}.csv")
    prepared = read(tmp_path / "given")
    assert rows(prepared) == {"train": [20] * 20, "valid": [4] * 4, "test": [2] * 2}
    assert not any("set apart" in warning for warning in prepared.warnings)


def test_a_file_beside_it_that_may_not_be_read_is_in_nobodys_way(train, read, monkeypatch):
    train.with_name("val.csv").write_text("emotion,pixels\n1,1 2 3 4\n")
    real = Path.open

    def refuse(self, *words, **more):
        if self.name == "val.csv":
            raise PermissionError(13, "Permission denied")
        return real(self, *words, **more)

    monkeypatch.setattr(Path, "open", refuse)
    assert "val.csv" not in read(train).warnings[0]


def test_labels_beside_a_single_file_are_said_not_to_be_read(train, read):
    train.with_name("val.csv").write_text("emotion,pixels\n1,1 2 3 4\n")
    said = read(train).warnings[0]
    assert "(val.csv beside it has labels: give the folder to have all read)" in said
    train.with_name("test.csv").write_text("emotion,pixels\n1,1 2 3 4\n")
    said = read(train).warnings[0]
    assert "(test.csv and val.csv beside it have labels: give the folder to have all read)" in said


def test_files_in_a_folder_beside_a_readme_are_found(train, read, tmp_path):
    folder = tmp_path / "set" / "challenge"
    folder.mkdir(parents=True)
    (tmp_path / "set" / "README.md").write_text("Faces.")
    train.rename(folder / "train.csv")
    (folder / "test.csv").write_text("pixels\n1 2 3 4\n")
    (folder / "more.csv").write_text("emotion,pixels\n1,1 2 3 4\n")
    prepared = read(tmp_path / "set")
    assert sum(len(labels) for _, labels in prepared.arrays.values()) == 30
    assert prepared.warnings[0].startswith(
        "set/challenge/train.csv has no column Usage and test.csv has no labels:"
    )


def test_two_files_named_train_are_refused(csv, refusal, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        csv("1,1 2 3 4", header="emotion,pixels", name=f"{name}/train.csv")
    assert "holds one/train.csv, two/train.csv, expected a single CSV file" in refusal(tmp_path)


def test_a_complete_file_is_known_by_its_counts(csv, read):
    labels = np.repeat(np.arange(7), published.COUNTS["train"])
    path = csv(*(f"{label},1" for label in labels), header="emotion,pixels")
    assert len(read(path).warnings) == 1
    path = csv(*(f"{label},1" for label in labels[1:]), header="emotion,pixels")
    assert "angry 3994 (published: 3995)" in read(path).warnings[1]


def test_a_bad_row_is_named_by_its_line(csv, refusal):
    path = csv("1,1 2 3 4", "1,1 2 3", header="emotion,pixels", name="train.csv")
    assert refusal(path).startswith("train.csv, line 3: expected 4 pixels")
    path = csv("7,1 2 3 4", header="emotion,pixels", name="train.csv")
    assert refusal(path).startswith("train.csv, line 2: expected an emotion from 0 to 6")


def test_a_file_without_rows_is_refused(csv, refusal):
    assert "train.csv has no rows" in refusal(csv(header="emotion,pixels", name="train.csv"))


def test_two_files_of_which_none_is_named_train_are_refused(csv, refusal, tmp_path):
    for name in ("a.csv", "b.csv"):
        csv("1,1 2 3 4", header="emotion,pixels", name=name)
    assert "holds a.csv, b.csv, expected a single CSV file" in refusal(tmp_path)


def test_a_file_with_usage_beside_it_is_preferred(train, csv, read, tmp_path):
    csv(*(f"1,1 2 3 4,{usage}" for usage in ("Training", "PublicTest", "PrivateTest")))
    assert read(tmp_path).source.form == "fer2013-csv"


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_the_real_data_reads_as_pandas_has_it(form, pack, read, kind):
    folder = form("challenge")
    prepared = read(pack(folder, kind, top="challenge/"))
    table = pd.read_csv(folder / "train.csv")
    expected = {
        (pixels, label) for pixels, label in zip(table["pixels"], table["emotion"], strict=True)
    }
    found = [
        (" ".join(map(str, image.ravel())), label)
        for images, labels in prepared.arrays.values()
        for image, label in zip(images, labels, strict=True)
    ]
    assert len(found) == len(table)
    assert set(found) == expected
    assert "test.csv has no labels" in prepared.warnings[0]


@pytest.mark.parametrize("kind", ["zip", "tgz"])
@pytest.mark.parametrize("name", ["csv", "icml"])
def test_csv_files_in_archives_read_as_the_arrays_have_them(
    fer2013, form, pack, tmp_path, kind, name
):
    prepare(pack(form(name), kind), tmp_path / "out")
    splits = open_splits(tmp_path / "out")
    for split in SPLITS:
        assert np.array_equal(
            getattr(splits, split).images, np.load(fer2013 / f"{split}_images.npy")[:60]
        )
        assert np.array_equal(
            getattr(splits, split).labels, np.load(fer2013 / f"{split}_labels.npy")[:60]
        )


@pytest.mark.parametrize("name", ["test.csv", "val.csv"])
def test_what_is_for_testing_by_its_name_is_not_trained_on(csv, refusal, name):
    path = csv("1,1 2 3 4", "2,5 6 7 8", header="emotion,pixels", name=name)
    assert "none to train on" in refusal(path)
