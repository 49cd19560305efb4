import numpy as np
import pytest

from harness.data.splits import Split
from harness.report.datasets.mosaic import EMPTY, make_mosaic, spaced

LABELS = np.array([0, 1, 0, 1, 0])


def split(*shape) -> Split:
    """Five images of one shade each: 10, 20, … 50."""
    shades = np.arange(10, 60, 10, dtype=np.uint8).reshape(-1, *(1 for _ in shape))
    return Split(np.tile(shades, (1, *shape)), LABELS)


def cells(mosaic, rows, columns):
    """Return the value at the middle of each cell, and check that each cell is of one colour."""
    tops = [row * mosaic.row_height for row in range(rows)]
    step = mosaic.cell_width + mosaic.gap
    lefts = [0, *(mosaic.examples_left + column * step for column in range(columns))]
    found = []
    for top in tops:
        row = [
            mosaic.pixels[top : top + mosaic.cell_height, left : left + mosaic.cell_width]
            for left in lefts
        ]
        assert all((cell == cell[0, 0, 0]).all() for cell in row)
        found.append([int(cell[0, 0, 0]) for cell in row])
    return found


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 2), (4, 6, 3), (4, 6, 4), (300, 200)])
def test_a_row_is_the_mean_and_the_examples_of_a_class(shape):
    mosaic = make_mosaic(split(*shape), range(3), 3)
    assert cells(mosaic, 3, 3) == [
        [30, 10, 30, 50],
        [30, 20, 40, EMPTY],
        [EMPTY, EMPTY, EMPTY, EMPTY],
    ]


def test_small_images_are_enlarged_by_whole_factors_and_large_ones_made_smaller():
    small = make_mosaic(split(10, 5), range(1), 1)
    assert (small.cell_height, small.cell_width) == (90, 45)
    large = make_mosaic(split(100, 400), range(1), 1)
    assert (large.cell_height, large.cell_width) == (24, 96)
    wide = make_mosaic(split(1, 400), range(1), 1)
    assert (wide.cell_height, wide.cell_width) == (1, 96)


def test_some_classes_can_be_drawn_alone():
    assert cells(make_mosaic(split(4, 4), range(1, 2), 1), 1, 1) == [[30, 20]]


def test_every_pixel_belongs_to_a_cell_or_is_white():
    mosaic = make_mosaic(split(4, 4), range(2), 2)
    used = mosaic.cell_height * mosaic.cell_width * 6
    assert (mosaic.pixels == 255).all(axis=2).sum() == mosaic.pixels[:, :, 0].size - used


def test_examples_are_evenly_spaced_from_the_first():
    assert spaced(10, 4) == [0, 2, 5, 7]
    assert spaced(3, 4) == [0, 1, 2]
    assert spaced(0, 4) == []
