import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from harness.schema import Augment
from harness.tensors.augment import affine_maps, augment, warp


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int, height: int = 12, width: int = 16) -> torch.Tensor:
    return torch.rand(count, 2, height, width, generator=seeded(9))


def test_nothing_asked_changes_nothing() -> None:
    images = pictures(3)
    assert torch.equal(augment(images, Augment(), seeded()), images)


def test_a_flip_mirrors_about_half_of_the_images_left_and_right() -> None:
    images = pictures(400)
    flipped = augment(images, Augment(flip=True), seeded())
    same = (flipped == images).flatten(1).all(1)
    mirrored = (flipped == images.flip(-1)).flatten(1).all(1)
    assert torch.equal(same, ~mirrored)
    assert 160 < int(mirrored.sum()) < 240


def test_a_flip_within_an_affine_map_mirrors_exactly() -> None:
    images = pictures(40)
    # A shift of almost nothing takes the affine path.
    flipped = augment(images, Augment(flip=True, shift=1e-9), seeded())
    mirrored = torch.isclose(flipped, images.flip(-1), atol=1e-4).flatten(1).all(1)
    same = torch.isclose(flipped, images, atol=1e-4).flatten(1).all(1)
    assert torch.equal(same, ~mirrored)
    assert 8 < int(mirrored.sum()) < 32


def test_shifts_stay_within_the_fraction_and_use_all_of_it() -> None:
    maps = affine_maps(2000, (12, 16), Augment(shift=0.25), seeded())
    shifts = maps[:, :, 2] / 2
    assert float(shifts.abs().max()) <= 0.25
    assert float(shifts.abs().max()) > 0.24
    assert abs(float(shifts.mean())) < 0.01


@pytest.mark.parametrize(
    ("settings", "matrix_of"),
    [
        (Augment(shift=0.2), lambda angle, zoom: np.eye(2)),
        (Augment(rotate=30), lambda angle, zoom: _rotation(angle)),
        (Augment(rotate=30, scale=0.3), lambda angle, zoom: _rotation(angle) / zoom),
    ],
)
def test_a_warp_is_what_scipy_makes_of_the_same_map(settings: Augment, matrix_of) -> None:
    height, width = 12, 16
    images = pictures(5, height, width)
    maps = affine_maps(5, (height, width), settings, seeded(4))
    found = warp(images, maps)
    for image, theta, warped in zip(images, maps, found, strict=True):
        # Pixels of a non-square image from coordinates in [-1, 1].
        size = np.array([width, height]) / 2
        linear = theta[:, :2].numpy() * size[:, None] / size[None, :]
        zoom = 1 / math.sqrt(abs(np.linalg.det(linear)))
        angle = math.atan2(linear[1, 0], linear[0, 0])
        np.testing.assert_allclose(linear, matrix_of(angle, zoom), atol=1e-5)
        rows_first = linear[::-1, ::-1]
        centre = np.array([height - 1, width - 1]) / 2
        offset = centre + theta[:, 2].numpy()[::-1] * size[::-1] - rows_first @ centre
        for channel, expected_channel in zip(warped, image, strict=True):
            expected = ndimage.affine_transform(
                expected_channel.numpy(), rows_first, offset, order=1, mode="grid-constant"
            )
            np.testing.assert_allclose(channel.numpy(), expected, atol=1e-4)


def _rotation(angle: float) -> np.ndarray:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def test_rotations_and_zooms_stay_within_their_bounds() -> None:
    maps = affine_maps(2000, (10, 10), Augment(rotate=20, scale=0.25), seeded())[:, :, :2]
    zooms = 1 / torch.linalg.det(maps).sqrt()
    angles = torch.atan2(maps[:, 1, 0], maps[:, 0, 0]).rad2deg()
    assert 19 < float(angles.abs().max()) <= 20.001
    assert 1.24 < float(zooms.max()) <= 1.2501
    assert 0.799 <= float(zooms.min()) < 0.81


def test_erasing_blanks_a_square_of_the_asked_size() -> None:
    images = torch.ones(300, 3, 20, 30)
    erased = augment(images, Augment(erase=0.5), seeded()) == 0
    # The square's side is 10; at the border less of it is inside of the image.
    counts = erased[:, 0].sum((1, 2))
    assert int(counts.max()) == 100
    assert int(counts.min()) >= 16
    assert torch.equal(erased[:, 0], erased[:, 2])
    covered = erased[:, 0].float().mean(0)
    assert float(covered.min()) > 0


def test_the_same_seed_changes_images_in_the_same_way() -> None:
    images = pictures(20)
    settings = Augment(flip=True, shift=0.1, rotate=10, scale=0.1, erase=0.2)
    once, again = (augment(images, settings, seeded(1)) for _ in range(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, augment(images, settings, seeded(2)))
