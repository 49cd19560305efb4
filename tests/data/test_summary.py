import numpy as np
import pytest

from harness.data.splits import open_splits
from harness.data.summary import count_blank, summarise
from harness.data.writing import write_splits
from harness.schema import Source


def test_a_summary_says_what_the_files_hold(arrays, save):
    folder = save(arrays)
    summary = summarise(folder, open_splits(folder))
    assert summary.name == "bare"
    assert summary.classes == ("0", "1", "2")
    assert summary.counts == {"train": 9, "valid": 6, "test": 4}
    assert summary.class_counts == {"train": (3, 3, 3), "valid": (2, 2, 2), "test": (2, 1, 1)}
    assert (summary.height, summary.width, summary.channels) == (5, 4, 1)
    assert summary.mean == pytest.approx([arrays["train"][0].mean() / 255])
    assert summary.std == pytest.approx([arrays["train"][0].std() / 255])
    assert summary.source is None
    assert summary.fingerprint == open_splits(folder).fingerprint


def test_the_source_is_the_manifests(arrays, tmp_path):
    source = Source(name="x.zip", form="arrays", sha256="0" * 64)
    write_splits(tmp_path / "set", arrays, name="set", classes=("a", "b", "c"), source=source)
    summary = summarise(tmp_path / "set", open_splits(tmp_path / "set"))
    assert summary.source == {"name": "x.zip", "form": "arrays", "sha256": "0" * 64}


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
def test_blank_images_have_one_colour(shape):
    images = np.random.default_rng(0).integers(0, 256, (9, *shape), dtype=np.uint8)
    images[3] = 0
    images[7] = np.arange(shape[2]) if len(shape) == 3 else 200
    images[8] = 7
    images[8, 0, 1] = 8
    assert count_blank(images) == 2


def test_blank_images_are_counted_over_all_chunks(monkeypatch):
    monkeypatch.setattr("harness.data.summary.CHUNK", 50)
    assert count_blank(np.zeros((23, 5, 4), np.uint8)) == 23


def test_the_real_data_has_twelve_blank_images(fer2013):
    summary = summarise(fer2013, open_splits(fer2013))
    assert summary.blank == {"train": 11, "valid": 1, "test": 0}
