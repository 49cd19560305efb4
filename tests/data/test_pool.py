"""What is said of FER-2013's images that come without all three splits."""

import numpy as np
import pytest
from PIL import Image

from harness.data import published
from harness.data.formats.pool import _taken

SPLITS = ("train", "valid", "test")


@pytest.fixture
def counted(tmp_path, monkeypatch, read):
    """Read folders with a fiftieth of the published counts, which then pass for the published."""
    small = {split: tuple(n // 50 for n in row) for split, row in published.COUNTS.items()}
    monkeypatch.setattr(published, "COUNTS", small)

    def counted(**folders) -> tuple[str, ...]:
        for folder, splits in folders.items():
            row = published.pooled(*splits)
            for name, count in zip(published.CLASSES, row, strict=True):
                (tmp_path / folder / name).mkdir(parents=True)
                for number in range(count):
                    Image.new("L", (1, 1)).save(tmp_path / folder / name / f"{number}.png")
        carved, *warnings = read(tmp_path).warnings
        assert "set apart" in carved
        return tuple(warnings)

    return counted


def test_a_test_folder_that_pools_both_test_sets_is_said(counted):
    assert counted(train=["train"], test=["valid", "test"]) == (
        "test has the images of PublicTest and PrivateTest, which cannot be told apart",
    )


def test_all_images_in_one_pool_are_said(counted):
    assert counted(train=SPLITS) == (
        "train has the images of Training and PublicTest and PrivateTest, which cannot be told "
        "apart",
    )


@pytest.mark.parametrize("split", ["valid", "test"])
def test_one_official_test_set_beside_train_is_as_published(counted, split):
    assert counted(train=["train"], **{split: [split]}) == ()


def test_train_alone_is_as_published(counted):
    assert counted(train=["train"]) == ()


def test_images_that_lie_together_are_not_copied():
    images = np.zeros((10, 2, 2), np.uint8)
    assert np.shares_memory(_taken(images, np.arange(3, 7)), images)
    assert not np.shares_memory(_taken(images, np.array([1, 3])), images)
    assert _taken(images, np.array([4, 3])).shape == (2, 2, 2)
