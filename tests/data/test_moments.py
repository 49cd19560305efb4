import numpy as np
import pytest

from harness.data import moments as module
from harness.data.moments import moments


@pytest.mark.parametrize("shape", [(50, 7, 5), (50, 7, 5, 1), (50, 7, 5, 3)])
@pytest.mark.parametrize("chunk", [1, 300, 1 << 18])
def test_mean_and_deviation_are_those_of_numpy_whatever_the_chunk(shape, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    fractions = images.reshape(-1, shape[3] if len(shape) == 4 else 1) / 255
    mean, std = moments(images)
    assert mean == pytest.approx(fractions.mean(axis=0), rel=1e-12)
    assert std == pytest.approx(fractions.std(axis=0), rel=1e-12)


def test_images_of_one_grey_have_no_deviation():
    assert moments(np.full((3, 2, 2), 51, np.uint8)) == ((0.2,), (0.0,))


def test_the_real_training_images_have_their_known_mean(fer2013):
    images = np.load(fer2013 / "train_images.npy", mmap_mode="r")
    mean, std = moments(images)
    assert mean == pytest.approx([images.mean() / 255], rel=1e-12)
    assert std == pytest.approx([0.2552], abs=5e-5)
