import numpy as np
import pytest
import torch
from PIL import Image

from harness.schema import Recipe
from harness.tensors.resize import image_size, resize


def sizes(full: tuple[int, int], **fields) -> list[tuple[int, int]]:
    recipe = Recipe(**fields)
    return [image_size(full, recipe, epoch) for epoch in range(1, recipe.epochs + 1)]


def test_images_have_their_full_size_unless_told_otherwise() -> None:
    assert sizes((47, 31), epochs=3) == [(47, 31)] * 3


def test_the_size_rises_linearly_in_steps_of_four_pixels_and_is_full_from_the_share_on() -> None:
    found = sizes((48, 48), epochs=10, initial_scale=0.5, full_scale_from=0.6)
    # The scales are 6/12, 7/12, … 11/12.
    assert found[:6] == [(24, 24), (28, 28), (32, 32), (36, 36), (40, 40), (44, 44)]
    assert found[6:] == [(48, 48)] * 4


def test_full_size_from_the_beginning_is_full_size_always() -> None:
    assert sizes((48, 48), epochs=2, initial_scale=0.5, full_scale_from=0.0) == [(48, 48)] * 2


def test_sides_keep_their_ratio_and_never_grow_or_vanish() -> None:
    assert sizes((20, 60), epochs=5, initial_scale=0.6)[0] == (12, 36)
    assert sizes((5, 7), epochs=5, initial_scale=0.01)[0] == (4, 4)
    assert sizes((3, 7), epochs=5, initial_scale=0.9)[0] == (3, 7)


@pytest.mark.parametrize("size", [(16, 20), (11, 30)])
def test_smaller_images_are_those_of_pillow(size: tuple[int, int]) -> None:
    images = torch.rand(3, 2, 24, 30, generator=torch.Generator().manual_seed(0))
    for image, found in zip(images, resize(images, size), strict=True):
        for channel, small in zip(image, found, strict=True):
            picture = Image.fromarray(channel.numpy()).resize(size[::-1], Image.Resampling.BILINEAR)
            np.testing.assert_allclose(small.numpy(), np.asarray(picture), atol=1e-5)


def test_images_of_the_right_size_are_left_as_they_are() -> None:
    images = torch.rand(2, 1, 8, 8)
    assert resize(images, (8, 8)) is images
