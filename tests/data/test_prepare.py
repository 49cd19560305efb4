import numpy as np
import pytest

from harness.data import writing
from harness.data.formats import fer_csv
from harness.data.formats.reader import Options
from harness.data.prepare import prepare
from harness.data.published import CLASSES
from harness.data.splits import open_splits
from harness.errors import DataError, RequestError


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
