import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.data import writing
from harness.data.formats import fer_csv
from harness.data.formats.reader import Options
from harness.data.prepare import prepare
from harness.data.published import CLASSES
from harness.data.splits import open_splits, write_splits
from harness.data.votes import Votes
from harness.errors import DataError, RequestError
from harness.schema import Manifest, Source


def test_a_csv_becomes_a_data_set_named_like_its_folder(csv, rows, tmp_path):
    manifest = prepare(csv(*rows), tmp_path / "data" / "fer")
    splits = open_splits(tmp_path / "data" / "fer")
    assert splits.name == manifest.name == "fer"
    assert splits.classes == CLASSES
    assert splits.train.labels.tolist() == [0, 3]
    assert splits.test.images.tolist() == [[[254, 1], [0, 31]], [[249, 250], [199, 30]]]
    assert manifest.source.name == "fer2013.csv"
    assert manifest.warnings == splits.warnings
    assert "sample" in manifest.warnings[-1]


def test_a_source_that_is_not_there_is_refused_with_the_known_forms(tmp_path):
    with pytest.raises(DataError, match=r"gone.csv does not exist, expected one of: fer2013.csv"):
        prepare(tmp_path / "gone.csv", tmp_path / "fer")


def test_an_option_that_means_nothing_for_the_form_is_refused(csv, rows, tmp_path):
    with pytest.raises(RequestError, match=r"--size means nothing for fer2013.csv, which is read"):
        prepare(csv(*rows), tmp_path / "fer", options=Options(size=(4, 4)))
    assert not (tmp_path / "fer").exists()


def test_progress_is_passed_on(csv, rows, tmp_path):
    calls = []
    path = csv(*rows)
    prepare(path, tmp_path / "fer", progress=lambda *call: calls.append(call))
    assert calls == [(path.stat().st_size,) * 2]


def test_an_occupied_folder_is_refused_before_the_source_is_read(csv, rows, tmp_path, monkeypatch):
    prepare(csv(*rows), tmp_path / "fer")
    monkeypatch.setattr(fer_csv.FerCsv, "read", None)
    with pytest.raises(DataError, match="already holds a data set; give --force"):
        prepare(csv(*rows), tmp_path / "fer")


def test_force_replaces_a_data_set(csv, rows, tmp_path):
    first = prepare(csv(*rows), tmp_path / "fer")
    second = prepare(csv(*rows * 2), tmp_path / "fer", force=True)
    assert (first.counts["train"], second.counts["train"]) == (2, 4)
    assert len(open_splits(tmp_path / "fer").train) == 4


def test_a_bad_row_leaves_nothing(csv, rows, tmp_path):
    with pytest.raises(DataError, match="line 8"):
        prepare(csv(*rows, "1,2"), tmp_path / "fer")
    assert not (tmp_path / "fer").exists()


def test_a_single_class_is_refused_before_anything_is_written(tmp_path):
    arrays = tmp_path / "one.npz"
    images = np.zeros((20, 2, 2), np.uint8)
    np.savez(arrays, train_images=images, train_labels=np.zeros(20, int))
    with pytest.raises(DataError, match=r"one\.npz: expected at least two classes, found just '0'"):
        prepare(arrays, tmp_path / "one")
    assert list(tmp_path.iterdir()) == [arrays]


def test_ctrl_c_while_writing_leaves_nothing(csv, rows, tmp_path, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    path = csv(*rows)
    monkeypatch.setattr(writing, "moments", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(path, tmp_path / "fer")
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def whole(arrays, tmp_path):
    """A prepared data set with all that a manifest and the files beside it can say."""
    counts = {split: len(labels) for split, (_, labels) in arrays.items()}
    write_splits(
        tmp_path / "whole",
        arrays,
        name="whole",
        classes=("a", "b", "c"),
        source=Source(name="x.zip", form="class-folders", sha256="c0de"),
        synthetic=True,
        warnings=["beware", "x has no splits: 3 for valid were set apart"],
        notes=["so it is"],
        files={
            split: [f"caf\udce9{n}.png" for n in range(count)] for split, count in counts.items()
        },
        votes=Votes(
            ("a", "b"),
            {split: np.full((count, 2), 3, np.uint8) for split, count in counts.items()},
            Source(name="votes.csv", form="votes"),
        ),
    )
    return tmp_path / "whole"


@pytest.mark.parametrize("packed", ["folder", "zip", "tar.gz"])
@pytest.mark.parametrize("top", ["", "deep/whole/"])
def test_a_data_set_that_was_prepared_before_is_copied_whole(whole, pack, tmp_path, packed, top):
    first = Manifest.model_validate_json((whole / "manifest.json").read_bytes())
    again = prepare(pack(whole, packed, top=top), tmp_path / "again")
    assert again == first.model_copy(update={"name": "again"})
    names = {path.name for path in whole.iterdir()}
    assert {path.name for path in (tmp_path / "again").iterdir()} == names
    for name in names - {"manifest.json"}:
        assert (tmp_path / "again" / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.parametrize("name", ["fer2013.csv", "raw/fer2013.csv"])
@pytest.mark.parametrize("out", ["data/fer", "data/other"])
def test_what_was_prepared_into_a_source_is_not_the_source(csv, rows, tmp_path, name, out):
    (tmp_path / "raw").mkdir()
    csv(*rows, name=name)
    first = prepare(tmp_path, tmp_path / "data" / "fer")
    csv(*rows, "0,1 2 3 4,Training", name=name)
    again = prepare(tmp_path, tmp_path / out, force=True)
    assert (first.counts["train"], again.counts["train"]) == (2, 3)
    assert again.source == prepare(tmp_path / name, tmp_path / "alone").source


@pytest.mark.parametrize("out", ["made", "data/made"])
@pytest.mark.parametrize("splits", [("train/", "valid/", "test/"), ("",)])
def test_pictures_of_an_audit_in_a_source_are_no_images_of_its_own(tmp_path, splits, out):
    made = tmp_path / "pets" / out
    for split, count in zip(splits, (20, 4, 4), strict=False):
        for kind in ("cat", "dog"):
            folder = tmp_path / "pets" / f"{split}{kind}"
            folder.mkdir(parents=True)
            for number in range(count):
                Image.new("L", (3, 3), number + 40 * (kind == "dog")).save(folder / f"{number}.png")
    first = prepare(tmp_path / "pets", made)
    shutil.copy(tmp_path / f"pets/{splits[-1]}cat/0.png", made / "twins.png")
    again = prepare(tmp_path / "pets", tmp_path / "again")
    assert again == first.model_copy(update={"name": "again"})


def test_beside_a_note_a_data_set_is_still_one(whole, tmp_path):
    (tmp_path / "scores.csv").write_text("model,accuracy\n")
    (tmp_path / "features.npy").write_bytes((whole / "train_images.npy").read_bytes())
    options = Options(
        arrays={"train_images": "whole/train_images.npy", "train_labels": "whole/train_labels.npy"}
    )
    assert prepare(tmp_path, tmp_path / "again", options=options).counts["train"] > 0


def test_a_folder_that_is_meant_by_dots_has_its_name(tmp_path, monkeypatch):
    (tmp_path / "pets" / "cat").mkdir(parents=True)
    for number in range(30):
        Image.new("L", (3, 3), number).save(tmp_path / "pets" / "cat" / f"{number}.png")
    monkeypatch.chdir(tmp_path / "pets")
    with pytest.raises(DataError, match=r"^pets: expected at least two classes"):
        prepare(Path(), tmp_path / "out")
    monkeypatch.chdir(tmp_path / "pets" / "cat")
    with pytest.raises(DataError, match=r"^pets: expected at least two classes"):
        prepare(Path(".."), tmp_path / "out")


@pytest.mark.parametrize("file", ["valid_labels.npy", "test_votes.npy"])
def test_a_damaged_data_set_is_not_made_a_good_one(whole, tmp_path, file):
    np.save(whole / file, np.load(whole / file)[::-1].copy() * 0)
    with pytest.raises(DataError, match=rf"whole: {file} changed since .* prepare it again"):
        prepare(whole, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("content", ["[", "{}", '{"train": [], "valid": [], "test": []}'])
def test_names_of_files_that_are_none_are_refused(whole, tmp_path, content):
    (whole / "files.json").write_text(content)
    with pytest.raises(DataError, match=r"whole/files\.json does not name a file for each image"):
        prepare(whole, tmp_path / "again")


def test_votes_that_are_gone_are_missed(whole, tmp_path):
    (whole / "valid_votes.npy").unlink()
    with pytest.raises(DataError, match=r"whole lacks valid_votes\.npy, which its manifest"):
        prepare(whole, tmp_path / "again")


def test_classes_named_otherwise_are_those_of_the_same_rows(whole, tmp_path):
    (whole / "classes.txt").write_text("x\ny\nz\n")
    again = prepare(whole, tmp_path / "again")
    # What was said of the classes, by other names, is not said again.
    assert again.classes == ("x", "y", "z")
    assert again.warnings == ("x has no splits: 3 for valid were set apart",)
    assert again.synthetic
    assert again.votes is not None
    assert (tmp_path / "again" / "files.json").is_file()


def test_arrays_named_by_the_user_are_plain_arrays_but_synthetic_ones(whole, tmp_path):
    options = Options(arrays={"test_images": "valid_images.npy", "test_labels": "valid_labels.npy"})
    again = prepare(whole, tmp_path / "again", options=options)
    assert again.counts["test"] == 6
    assert again.synthetic
    assert (again.votes, again.source.name) == (None, "whole")


def test_carving_means_nothing_for_a_data_set_that_has_its_splits(whole, tmp_path):
    with pytest.raises(RequestError, match=r"--seed means nothing for whole, which is read as a"):
        prepare(whole, tmp_path / "again", options=Options(seed=3))


def test_a_folder_is_not_prepared_into_itself(whole, tmp_path):
    (tmp_path / "link").symlink_to(whole)
    with pytest.raises(RequestError, match="is the source itself; give a new folder"):
        prepare(whole, tmp_path / "link", force=True)
    assert (whole / "train_votes.npy").is_file()


def test_a_target_that_cannot_be_written_is_refused_before_the_source_is_read(
    csv, rows, tmp_path, monkeypatch
):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fer_csv.FerCsv, "read", None)
    monkeypatch.setattr(writing, "TemporaryFile", refuse)
    with pytest.raises(DataError, match=r"cannot write .*fer \(Permission denied\)"):
        prepare(csv(*rows), tmp_path / "fer")


def test_a_source_that_must_not_be_looked_at_is_one_sentence(tmp_path, monkeypatch):
    def refuse(self, **_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.stat", refuse)
    with pytest.raises(DataError, match=r"cannot read .*locked.csv \(Permission denied\)"):
        prepare(tmp_path / "locked.csv", tmp_path / "fer")


def test_what_is_more_than_memory_is_one_sentence(csv, tmp_path, monkeypatch):
    def read(*_):
        raise MemoryError

    monkeypatch.setattr("harness.data.formats.fer_csv.FerCsv.read", read)
    with pytest.raises(DataError, match="takes more memory than there is"):
        prepare(csv("1,1 2 3 4,Training"), tmp_path / "out")
