import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from harness.data.audit.alignment import MOST_SHIFT, MOST_ZOOM, Pose, align, band, correlation


def read(image, zoom, down, right):
    """Read an image at zoomed and shifted places (in pixels), with cubic splines."""
    rows, columns = (
        (np.arange(n) - (n - 1) / 2) * zoom + (n - 1) / 2 + by
        for n, by in zip(image.shape, (down, right), strict=True)
    )
    grid = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(image.astype(float), grid, order=3, mode="nearest")


def still(count):
    return Pose(*(np.full(count, value, np.float32) for value in (1, 0, 0)))


@pytest.mark.parametrize("size", [(48, 48), (48, 32), (16, 16)])
def test_a_known_zoom_and_shift_are_found(pictures, size):
    height, width = size
    originals = pictures(30, *size).astype(np.float32)
    random = np.random.default_rng(1)
    zoom = random.uniform(0.9, 1.1, 30)
    down, right = random.uniform(-0.03, 0.03, (2, 30))
    moved = np.stack(
        [
            read(image, z, d * height, r * width)
            for image, z, d, r in zip(originals, zoom, down, right, strict=True)
        ]
    ).astype(np.float32)
    first, second = band(moved), band(originals)
    pose = align(first, second, still(30))
    assert np.abs(pose.zoom - zoom).max() < 0.04
    assert np.abs(pose.down - down).max() * height < 0.5
    assert np.abs(pose.right - right).max() * width < 0.5
    assert (correlation(first, second, pose) > 0.93).all()
    better = correlation(first, second, pose) > correlation(first, second, still(30))
    assert better.mean() > 0.9


def test_without_a_move_the_score_is_the_plain_correlation(pictures):
    first, second = pictures(6).astype(np.float32), pictures(6, seed=1).astype(np.float32)
    scores = correlation(first, second, still(6))
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(first, second, strict=True)]
    assert scores == pytest.approx(expected, abs=1e-4)


def test_only_what_overlaps_is_scored(pictures):
    image = pictures(1).astype(np.float32)
    shifted = np.zeros_like(image)
    shifted[:, :-4] = image[:, 4:]  # the last rows are black
    pose = Pose(*(np.array([value], np.float32) for value in (1, -4 / 48, 0)))
    assert correlation(image, shifted, pose) == pytest.approx(1, abs=1e-4)


def test_brightness_contrast_and_slopes_of_light_hardly_count(pictures):
    image = pictures(1).astype(np.float32)
    slope = np.linspace(-40, 40, 48, dtype=np.float32)
    lit = band(0.5 * image + 30 + slope)
    assert correlation(band(image), lit, still(1))[0] > 0.98


def test_unlike_images_keep_within_the_limits_of_zoom_and_shift(pictures):
    first, second = (band(pictures(50, seed=seed).astype(np.float32)) for seed in (0, 1))
    pose = align(first, second, still(50))
    assert pose.zoom.min() >= np.float32(1 / MOST_ZOOM)
    assert pose.zoom.max() <= np.float32(MOST_ZOOM)
    assert max(np.abs(pose.down).max(), np.abs(pose.right).max()) <= np.float32(MOST_SHIFT)
    assert (correlation(first, second, pose) < 0.8).all()


def test_stripes_which_do_not_tell_where_they_lie_are_scored_all_the_same():
    stripes = np.tile(np.sin(np.arange(48)).astype(np.float32) * 50, (2, 48, 1))
    pose = align(stripes, stripes, still(2))
    assert correlation(stripes, stripes, pose) == pytest.approx(1, abs=1e-2)
