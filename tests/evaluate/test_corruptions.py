"""Each corruption against pillow, scipy or plain arithmetic."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy.signal import convolve2d
from scipy.stats import kstest

from harness.evaluate.corruptions import (
    BLOCK,
    CORRUPTIONS,
    DIRECTIONS,
    STRENGTHS,
    corrupt,
    line,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pictures():
    """Smooth 48x48 pictures with edges, a little like faces."""
    random = np.random.default_rng(0)
    coarse = random.integers(40, 216, (12, 6, 6)).astype(np.uint8)
    return np.stack([np.asarray(Image.fromarray(one).resize((48, 48))) for one in coarse])


def value(name, strength):
    return CORRUPTIONS[name].values[strength - 1]


def distance(one, other):
    return np.abs(one.astype(int) - other.astype(int))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_greater_strength_changes_more(name, pictures):
    changes = [
        distance(corrupt(pictures, name, strength), pictures).mean() for strength in (*STRENGTHS,)
    ]
    assert changes[0] > 0
    assert changes == sorted(changes)
    assert len(set(changes)) == 5


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_greater_strength_changes_more_of_real_faces(name, fer2013):
    faces = np.load(fer2013 / "test_images.npy", mmap_mode="r")[:200]
    changes = [distance(corrupt(faces, name, strength), faces).mean() for strength in STRENGTHS]
    assert changes == sorted(set(changes))


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize(
    "shape",
    [(3, 48, 48), (2, 8, 10), (1, 33, 17, 3), (2, 16, 16, 2), (4, 5, 9, 1), (0, 48, 48), (1, 1, 1)],
)
def test_shape_and_kind_stay_and_the_images_themselves_too(name, shape):
    images = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    before = images.copy()
    for strength in (1, 5):
        changed = corrupt(images, name, strength)
        assert (changed.shape, changed.dtype) == (shape, np.uint8)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_same_seed_gives_the_same_images(name, pictures):
    first = corrupt(pictures, name, 3, seed=7)
    np.testing.assert_array_equal(corrupt(pictures.copy(), name, 3, seed=7), first)


@pytest.mark.parametrize("name", ["gaussian noise", "motion blur", "occlusion", "rotation"])
def test_another_seed_or_place_draws_otherwise(name, pictures):
    first = corrupt(pictures, name, 3)
    assert (corrupt(pictures, name, 3, seed=1) != first).any()
    same = np.repeat(pictures[:1], 12, axis=0)
    assert len({one.tobytes() for one in corrupt(same, name, 3)}) > 1


def test_every_block_draws_anew():
    grey = np.full((2 * BLOCK, 4, 4), 128, np.uint8)
    noisy = corrupt(grey, "gaussian noise", 5)
    assert (noisy[:BLOCK] != noisy[BLOCK:]).any()


@pytest.mark.parametrize("strength", STRENGTHS)
def test_noise_is_gaussian_with_the_stated_deviation(strength):
    grey = np.full((20, 48, 48), 128, np.uint8)
    residual = corrupt(grey, "gaussian noise", strength).astype(float) - 128
    deviation = value("gaussian noise", strength) / 100 * 255
    assert residual.std() == pytest.approx(deviation, rel=0.02)
    # Rounding to whole numbers is spread out again, or the test would see steps.
    spread = residual + np.random.default_rng(0).uniform(-0.5, 0.5, residual.shape)
    assert kstest(spread[::7].ravel(), "norm", args=(0, deviation)).pvalue > 0.001


def test_a_stronger_noise_is_the_same_noise_only_louder():
    grey = np.full((5, 48, 48), 128, np.uint8)
    weak, strong = (corrupt(grey, "gaussian noise", s).astype(float) - 128 for s in (1, 2))
    assert np.abs(strong - 2 * weak).max() <= 1.5


@pytest.mark.parametrize("strength", STRENGTHS)
def test_blur_is_a_convolution_with_a_gaussian(strength, pictures):
    sigma = value("blur", strength) / 100 * 48
    places = np.arange(-15, 16)
    row = np.exp(-0.5 * (places / sigma) ** 2)
    kernel = np.outer(row, row) / row.sum() ** 2
    for image, blurred in zip(pictures[:3], corrupt(pictures[:3], "blur", strength), strict=True):
        expected = convolve2d(np.pad(image.astype(float), 15, mode="edge"), kernel, mode="valid")
        assert distance(np.rint(expected), blurred).max() <= 1


def test_motion_blur_is_a_convolution_with_a_line_in_one_of_the_directions(pictures):
    moved = corrupt(pictures, "motion blur", 4)
    kernels = [line(7.2, math.pi * number / DIRECTIONS) for number in range(DIRECTIONS)]
    half = len(kernels[0]) // 2
    used = set()
    for image, found in zip(pictures, moved, strict=True):
        padded = np.pad(image.astype(float), half, mode="edge")
        apart = [
            distance(np.rint(convolve2d(padded, kernel, mode="valid")), found).max()
            for kernel in kernels
        ]
        assert min(apart) <= 1
        used.add(int(np.argmin(apart)))
    assert len(used) > 3


@pytest.mark.parametrize("angle", [0, 0.4, math.pi / 2, 2.5])
def test_a_line_has_its_length_and_direction(angle):
    kernel = line(9.0, angle)
    assert kernel.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)
    places = np.arange(len(kernel)) - len(kernel) // 2
    across, up = np.meshgrid(places, -places)
    along = across * math.cos(angle) + up * math.sin(angle)
    aside = across * math.sin(angle) - up * math.cos(angle)
    # The variance of a line is its length squared by 12; pixels add less than a quarter.
    assert 81 / 12 <= (kernel * along**2).sum() + 1e-3 <= 81 / 12 + 0.25
    assert (kernel * aside**2).sum() <= 0.25


def test_brightness_adds_and_stops_at_white(pictures):
    added = np.rint(0.3 * 255)
    expected = np.minimum(255, pictures.astype(int) + added)
    assert distance(expected, corrupt(pictures, "brightness", 3)).max() <= 1
    assert (corrupt(np.full((1, 4, 4), 250, np.uint8), "brightness", 1) == 255).all()


@pytest.mark.parametrize("strength", STRENGTHS)
def test_contrast_is_pillows(strength, pictures):
    kept = value("contrast", strength) / 100
    for image, changed in zip(pictures, corrupt(pictures, "contrast", strength), strict=True):
        expected = np.asarray(ImageEnhance.Contrast(Image.fromarray(image)).enhance(kept))
        # Pillow cuts where the harness rounds, and takes a whole number for the mean.
        assert distance(expected, changed).max() <= 2


@pytest.mark.parametrize("size", [(48, 48), (96, 96), (40, 60)])
@pytest.mark.parametrize("strength", STRENGTHS)
def test_occlusion_covers_a_square_of_the_stated_side(strength, size):
    images = np.full((30, *size), 7, np.uint8)
    covered = corrupt(images, "occlusion", strength) == 128
    side = round(value("occlusion", strength) / 100 * min(size))
    for one in covered:
        rows, columns = np.flatnonzero(one.any(1)), np.flatnonzero(one.any(0))
        assert one.sum() == side**2
        assert rows[-1] - rows[0] + 1 == columns[-1] - columns[0] + 1 == side


def test_occlusion_covers_all_channels_at_the_same_place():
    images = np.zeros((5, 20, 20, 3), np.uint8)
    covered = corrupt(images, "occlusion", 2) == 128
    assert (covered == covered[..., :1]).all()


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("colour", [False, True])
def test_jpeg_is_what_pillow_writes_to_a_file(strength, colour, pictures, tmp_path):
    images = np.stack([pictures, pictures[::-1], 255 - pictures], 3) if colour else pictures
    for image, changed in zip(images[:3], corrupt(images[:3], "JPEG", strength), strict=True):
        path = tmp_path / "image.jpg"
        Image.fromarray(image).save(path, quality=int(value("JPEG", strength)))
        with Image.open(path) as written:
            np.testing.assert_array_equal(np.asarray(written), changed)


def test_jpeg_takes_two_channels_one_by_one(pictures):
    images = np.stack([pictures, pictures[::-1]], 3)
    changed = corrupt(images, "JPEG", 2)
    np.testing.assert_array_equal(changed[..., 0], corrupt(pictures, "JPEG", 2))
    np.testing.assert_array_equal(changed[..., 1], corrupt(pictures[::-1], "JPEG", 2))


@pytest.mark.parametrize("strength", STRENGTHS)
def test_low_resolution_is_smaller_and_larger_again(strength, pictures):
    images = np.stack([pictures, pictures[::-1], 255 - pictures], 3)
    side = round(value("low resolution", strength) / 100 * 48)
    for image, changed in zip(images, corrupt(images, "low resolution", strength), strict=True):
        small = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)
        large = small.resize((48, 48), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(np.asarray(large), changed)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_rotation_is_pillows_to_one_side_or_the_other(strength, pictures):
    angle = value("rotation", strength)
    rows, columns = np.mgrid[:48, :48] - 23.5
    # Beyond this circle pillow fills with black what the harness fills with the edge.
    inside = np.hypot(rows, columns) < 22
    sides = set()
    for image, turned in zip(pictures, corrupt(pictures, "rotation", strength), strict=True):
        apart = {
            side: distance(
                np.asarray(Image.fromarray(image).rotate(side * angle, Image.Resampling.BILINEAR)),
                turned,
            )[inside].max()
            for side in (-1, 1)
        }
        sides.add(min(apart, key=apart.get))
        assert min(apart.values()) <= 2
    assert sides == {-1, 1}


def test_lengths_grow_with_the_image(pictures):
    large = np.kron(pictures, np.ones((1, 2, 2), np.uint8))
    for name in ("blur", "motion blur"):
        halved = corrupt(large, name, 4).reshape(12, 48, 2, 48, 2).mean((2, 4))
        small = corrupt(pictures, name, 4)
        assert np.abs(halved - small).mean() < 0.25 * distance(small, pictures).mean(), name


def test_what_is_drawn_at_random_stays():
    """A change here is a change of pixels: raise CORRUPTIONS_VERSION."""
    grey = np.full((2, 4, 4), 100, np.uint8)
    assert corrupt(grey, "gaussian noise", 5)[0, 0].tolist() == [47, 135, 156, 213]
    assert np.argwhere(corrupt(grey, "occlusion", 1) == 128).tolist() == [[0, 3, 0], [1, 0, 2]]


@pytest.mark.parametrize(
    ("name", "strength", "message"),
    [("blurr", 1, "did you mean 'blur'"), ("blur", 0, "1, 2, 3, 4 or 5"), ("blur", 6, "not 6")],
)
def test_an_unknown_corruption_or_strength_is_refused(name, strength, message, pictures):
    with pytest.raises(ValueError, match=message):
        corrupt(pictures, name, strength)


def test_the_documents_have_the_parameters_of_every_strength():
    text = (ROOT / "docs" / "robustness.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    cells = {row[0].strip("| "): row[1:] for row in rows}
    for name, corruption in CORRUPTIONS.items():
        parameter, values = cells[name][:2]
        assert parameter == f"{corruption.parameter}, {corruption.unit}"
        assert values == " · ".join(f"{value:g}" for value in corruption.values)


@pytest.mark.parametrize(("side", "idle"), [(16, [1, 2]), (28, []), (48, [])])
def test_the_mildest_blurs_change_nothing_of_very_small_images(side, idle):
    images = np.random.default_rng(0).integers(0, 256, (20, side, side)).astype(np.uint8)
    found = [s for s in range(1, 6) if np.array_equal(corrupt(images, "blur", s), images)]
    assert found == idle
