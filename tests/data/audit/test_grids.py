import numpy as np
import pytest
from scipy import ndimage

from harness.data.audit.grids import (
    averaging,
    blurring,
    interpolation,
    on_both,
    positions,
    reduced,
    unit,
)


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(0, 255, (4, 20, 30)).astype(np.float32)


def test_means_over_whole_parts_are_plain_means(images):
    cells = on_both(averaging(20, 5), images, averaging(30, 10))
    assert cells == pytest.approx(images.reshape(4, 5, 4, 10, 3).mean(axis=(2, 4)), rel=1e-5)


@pytest.mark.parametrize("cells", [7, 16])
def test_pixels_are_cut_where_parts_are_not_whole(images, cells):
    ours = on_both(averaging(20, cells), images, averaging(30, cells))
    # Each pixel in as many pieces as there are cells: then all parts are whole.
    pieces = images.repeat(cells, axis=1).repeat(cells, axis=2)
    theirs = pieces.reshape(4, cells, 20, cells, 30).mean(axis=(2, 4))
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_reading_at_places_is_scipys_linear_interpolation(images):
    zoom, shift = np.array([1.0, 1.1, 0.9, 1.05]), np.array([0.0, 1.3, -2.2, 0.5])
    rows, columns = positions(20, zoom, shift), positions(30, zoom, -shift)
    ours = on_both(interpolation(rows), images, interpolation(columns))
    for image, row, column, mine in zip(images, rows, columns, ours, strict=True):
        grid = np.meshgrid(row, column, indexing="ij")
        theirs = ndimage.map_coordinates(image, grid, order=1, mode="nearest")
        assert mine == pytest.approx(theirs, abs=1e-2)


def test_a_zoom_is_about_the_centre():
    [line] = positions(5, np.array([2.0]), np.array([0.0]))
    assert line.tolist() == [-2, 0, 2, 4, 6]


def test_blur_is_scipys_within_and_keeps_a_constant_at_the_edges(images):
    ours = on_both(blurring(20, 1.5), images, blurring(30, 1.5))
    theirs = ndimage.gaussian_filter(images, (0, 1.5, 1.5), truncate=8)
    assert ours[:, 9:11, 9:21] == pytest.approx(theirs[:, 9:11, 9:21], rel=1e-3)
    assert blurring(20, 1.5) @ np.ones(20) == pytest.approx(1)


def test_large_colour_images_become_small_and_grey():
    colour = np.random.default_rng(0).integers(0, 256, (2, 96, 48, 3), dtype=np.uint8)
    small = reduced(colour, 48)
    grey = colour.astype(float).mean(axis=3)
    assert small == pytest.approx(grey.reshape(2, 48, 2, 48).mean(axis=2), rel=1e-5)


def test_small_images_stay_as_they_are():
    images = np.random.default_rng(0).integers(0, 256, (2, 20, 48), dtype=np.uint8)
    assert np.array_equal(reduced(images, 48), images)


def test_brightness_and_contrast_leave_no_trace():
    row = np.random.default_rng(0).uniform(0, 255, (1, 50))
    assert unit(row) == pytest.approx(unit(0.6 * row + 40), abs=1e-6)
    assert np.linalg.norm(unit(row)) == pytest.approx(1)
    assert not unit(np.full((1, 50), 9.0)).any()
