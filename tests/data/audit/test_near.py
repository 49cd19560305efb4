import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import zoom as rescale
from sklearn.datasets import load_digits

from harness.data import faces
from harness.data.audit import near
from harness.data.audit.gallery import Gallery
from harness.data.audit.near import LOWEST, find_near


def jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def shift(image, down, right):
    padded = np.pad(image, 8, mode="edge")
    height, width = image.shape
    return padded[8 - down : 8 - down + height, 8 - right : 8 - right + width]


def crop(image, margin):
    """Leave out a margin on all sides and bring the rest back to the old size."""
    height, width = image.shape
    inner = Image.fromarray(image[margin : height - margin, margin : width - margin])
    return np.asarray(inner.resize((width, height), Image.Resampling.BICUBIC))


def brighter(image):
    return np.clip(0.7 * image.astype(float) + 50, 0, 255).astype(np.uint8)


DISTURBED = {
    "jpeg at quality 80": lambda image: jpeg(image, 80),
    "jpeg at quality 92": lambda image: jpeg(image, 92),
    "brightness and contrast": brighter,
    "shift down and right": lambda image: shift(image, 3, 3),
    "shift up": lambda image: shift(image, -3, 0),
    "mirrored": lambda image: image[:, ::-1],
    "a narrower crop": lambda image: crop(image, 2),
    "all at once": lambda image: jpeg(brighter(shift(image[:, ::-1], -2, 3)), 85),
}


def look(splits):
    """Return the near twins among all images of these splits."""
    gallery = Gallery(splits)
    return find_near(gallery, np.arange(len(gallery)), lambda part: None)


def twins(found):
    """Return the pairs of rows that are twins."""
    return set(
        zip(found.first[: found.twins].tolist(), found.second[: found.twins].tolist(), strict=True)
    )


@pytest.mark.parametrize("how", DISTURBED)
def test_disturbed_copies_are_found_and_nothing_else_is(pictures, make_data, how):
    images = pictures(60)
    copies = np.stack([DISTURBED[how](image) for image in images[:20]])
    found = look(make_data(images[:50], images[50:], copies))
    assert twins(found) == {(row, 60 + row) for row in range(20)}
    assert (found.mirrored[: found.twins] == (how in ("mirrored", "all at once"))).all()
    assert found.threshold == LOWEST
    assert (np.diff(found.score) <= 0).all()


@pytest.mark.parametrize("size", [(16, 16), (48, 30), (96, 96), (20, 64)])
def test_images_of_any_size_from_16_pixels_have_twins(pictures, make_data, size):
    images = pictures(30, *size)
    copies = np.stack([jpeg(brighter(image), 90) for image in images[:10]])
    found = look(make_data(images[:20], images[20:], copies))
    assert twins(found) == {(row, 30 + row) for row in range(10)}


def test_colour_images_have_twins(pictures, make_data):
    images = np.stack([pictures(30, seed=seed) for seed in range(3)], axis=3)
    copies = np.stack([jpeg(image[:, ::-1], 90) for image in images[:10]])
    found = look(make_data(images[:20], images[20:], copies))
    assert twins(found) == {(row, 30 + row) for row in range(10)}


def test_thousands_of_images_are_no_obstacle(pictures, make_data):
    images = pictures(2500)
    copies = np.stack([jpeg(shift(image, 3, -3), 85) for image in images[:40]])
    found = look(make_data(images, copies, pictures(20, seed=1)))
    assert twins(found) == {(row, 2500 + row) for row in range(40)}


def test_images_without_contrast_are_twins_of_nothing(pictures, make_data):
    random = np.random.default_rng(0)
    pale = random.integers(100, 103, (30, 48, 48), dtype=np.uint8)
    found = look(make_data(pale, pictures(5), np.full((5, 48, 48), 7, np.uint8)))
    assert found.twins == 0


@pytest.mark.parametrize("size", [(2, 2), (15, 48)])
def test_smaller_images_are_not_compared(make_data, size):
    images = np.random.default_rng(0).integers(0, 256, (9, *size), dtype=np.uint8)
    found = look(make_data(images, images, images))
    assert (len(found.first), found.threshold) == (0, None)
    assert "less than 16 × 16 pixels" in found.reason


def test_a_single_image_has_no_twin(pictures, make_data):
    blank = np.zeros((2, 48, 48), np.uint8)
    found = look(make_data(pictures(1), blank, blank, {"train": [1]}))
    assert (found.twins, found.threshold) == (0, None)
    assert found.reason.startswith("fewer than two different images have enough contrast")


def test_digits_are_too_much_alike_to_have_twins(make_data):
    images = rescale(load_digits().images * 15.9, (1, 2, 2), order=1).astype(np.uint8)
    found = look(make_data(images[:1200], images[1200:1500], images[1500:]))
    assert (found.threshold, found.twins) == (None, 0)


def test_drawn_faces_have_no_twins(make_data):
    drawn = faces.load(size=600)
    found = look(make_data(*(drawn[split][0] for split in ("train", "valid", "test"))))
    assert found.twins == 0


def test_the_threshold_is_raised_to_where_scores_part():
    # Of every band up to that below 0.93, more than half as many lie in it as at 0.995.
    scores = np.array([0.865, 0.875, 0.885, 0.895] * 5 + [0.995] * 10, np.float32)
    assert near._valley(scores) == 0.93
    assert near._valley(np.append(scores, np.full(40, 0.995))) == LOWEST


def test_scores_without_a_valley_have_no_threshold():
    assert near._valley(np.linspace(0.8, 1, 500)) is None
    assert near._valley(np.array([0.865, 0.905, 0.945, 0.985])) is None


def test_scores_that_thin_out_before_those_of_copies_leave_no_twins():
    assert near._valley(np.linspace(0.8, 0.969, 500)) == 0.97


def test_without_any_pair_the_threshold_is_the_lowest():
    assert near._valley(np.empty(0, np.float32)) == LOWEST
    assert near._valley(np.array([0.3, 0.999, 1.0000001])) == LOWEST


def test_progress_only_grows_and_stays_within_bounds(pictures, make_data):
    heard = []
    gallery = Gallery(make_data(pictures(40), pictures(9, seed=1), pictures(9, seed=2)))
    find_near(gallery, np.arange(58), heard.append)
    assert heard == sorted(heard)
    assert 0 < heard[0] <= heard[-1] <= 1


def test_large_images_are_looked_at_in_parts_of_a_bounded_size(make_data, pictures, monkeypatch):
    images = pictures(40, 64, 80)
    splits = make_data(images[:20], images[20:30], [*images[:9], images[30]])
    rows = np.arange(40)
    whole = find_near(Gallery(splits), rows, lambda part: None)
    reduced = Gallery(splits).reduced(rows, 48)
    taken = []
    take = Gallery.take

    def watched(self, rows):
        taken.append(len(rows))
        return take(self, rows)

    monkeypatch.setattr(Gallery, "take", watched)
    monkeypatch.setattr("harness.data.audit.gallery.BYTES", 3 * 64 * 80)
    parts = find_near(Gallery(splits), rows, lambda part: None)
    assert max(taken) == 3
    assert np.array_equal(parts.score, whole.score)
    assert whole.twins >= 9
    assert np.array_equal(Gallery(splits).reduced(rows, 48), reduced)
    assert Gallery(splits).reduced(rows[:0], 48).shape == (0, 48, 48)
