import numpy as np
import pytest

from harness.data.audit import gallery as module
from harness.data.audit.exact import blank_rows, first_alike
from harness.data.audit.gallery import Gallery
from harness.data.summary import count_blank


@pytest.fixture(params=[1, 8, 1 << 24])
def gallery(request, make_data, monkeypatch):
    """Many twins among few pixels, of two colours; read in small and in large parts."""
    monkeypatch.setattr(module, "BYTES", request.param)
    random = np.random.default_rng(0)
    return Gallery(
        make_data(*(random.integers(0, 2, (n, 2, 1, 2), dtype=np.uint8) for n in (20, 9, 11)))
    )


def test_the_first_twin_is_that_of_a_plain_search(gallery):
    images = [image for part in gallery.parts for image in part.images]
    expected = [
        next(i for i, other in enumerate(images) if np.array_equal(other, image))
        for image in images
    ]
    assert first_alike(gallery).tolist() == expected


def test_blank_images_are_those_that_the_summary_counts(gallery):
    blank = blank_rows(gallery)
    for number, part in enumerate(gallery.parts):
        assert blank[gallery.split_of == number].sum() == count_blank(part.images)
    assert 0 < blank.sum() < len(gallery)


def test_rows_are_taken_in_the_order_asked_for_across_splits(gallery):
    rows = np.array([39, 0, 21, 20, 19, 0])
    images = np.concatenate([part.images for part in gallery.parts])
    assert np.array_equal(gallery.take(rows), images[rows])
    assert [gallery.index(row) for row in rows] == [10, 0, 1, 0, 19, 0]
    assert gallery.split_of[rows].tolist() == [2, 0, 1, 1, 0, 0]
    assert gallery.labels[rows].tolist() == [0, 0, 1, 0, 1, 0]
