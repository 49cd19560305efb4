from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform
from scipy.special import softmax
from torch import nn

from harness.data.splits import open_splits
from harness.errors import RunError
from harness.evaluate import predict, views
from harness.tensors.batches import Batches, load_batches
from harness.tensors.device import Policy

FLOAT = Policy("cpu", "float32", 1)


@pytest.fixture
def batches(tiny: Path) -> Batches:
    return load_batches(open_splits(tiny), torch.device("cpu"))["test"]


def linear(inputs: int = 256) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 3))


def moved(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """The images, their content moved by so many pixels, zeros behind it."""
    found = np.zeros_like(images)
    height, width = images.shape[-2:]
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                found[..., row, column] = images[..., row - down, column - right]
    return found


def mean_by_numpy(module: nn.Module, shown: list[np.ndarray]) -> np.ndarray:
    weight, bias = (p.detach().numpy() for p in module[1].parameters())
    logits = [one.reshape(len(one), -1) @ weight.T + bias for one in shown]
    return np.mean([softmax(one, axis=1) for one in logits], axis=0)


def test_flip_is_the_mean_of_the_image_and_its_mirror_image(batches: Batches) -> None:
    module, images = linear(), next(batches.in_order(len(batches)))[0].numpy()
    found = views.predict_over_views(module, batches, FLOAT, "flip")
    expected = mean_by_numpy(module, [images, images[..., ::-1]])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert found.dtype == np.float32


def test_ten_views_are_five_places_and_their_mirror_images(batches: Batches) -> None:
    module, images = linear(), next(batches.in_order(len(batches)))[0].numpy()
    found = views.predict_over_views(module, batches, FLOAT, "views10")
    # A 24th of 16 pixels is rounded to one.
    places = [(0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    shown = [moved(images, *place) for place in places]
    expected = mean_by_numpy(module, [*shown, *(one[..., ::-1] for one in shown)])
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "pixels"), [((48, 48), (2, 2)), ((8, 8), (1, 1)), ((96, 48), (4, 2))]
)
def test_a_shift_is_a_24th_of_each_side(size, pixels) -> None:
    images = torch.rand(2, 3, *size)
    shown = [view.numpy() for view in views.make_views(images, "views10")]
    assert {view.shape for view in shown} == {images.shape}
    down, right = pixels
    expected = moved(images.numpy(), down, -right)
    assert sum(np.array_equal(view, expected) for view in shown) == 1
    assert len({view.tobytes() for view in shown}) == len(shown) == 10


def warped(images: np.ndarray, zoom: float, degrees: float) -> np.ndarray:
    """The images larger and turned about their middle, by scipy; zeros around them."""
    cos, sin = (f(np.deg2rad(degrees)) / zoom for f in (np.cos, np.sin))
    matrix, middle = np.array([[cos, sin], [-sin, cos]]), (np.array(images.shape[-2:]) - 1) / 2
    words = {"offset": middle - matrix @ middle, "order": 1, "mode": "grid-constant"}
    planes = images.reshape(-1, *images.shape[-2:])
    return np.stack([affine_transform(p, matrix, **words) for p in planes]).reshape(images.shape)


@pytest.mark.parametrize("size", [(48, 48), (20, 32)])
def test_eighteen_views_are_these_ten_two_sizes_and_two_turns_by_scipy(size) -> None:
    images = torch.rand(2, 3, *size)
    shown = [view.numpy() for view in views.make_views(images, "views18")]
    ten = [view.numpy() for view in views.make_views(images, "views10")]
    assert all(map(np.array_equal, shown[:10], ten))
    expected = [
        warped(images.numpy(), *change) for change in ((1.1, 0), (1 / 1.1, 0), (1, 10), (1, -10))
    ]
    assert len(shown) == 18
    for number, one in enumerate(expected):
        np.testing.assert_allclose(shown[10 + 2 * number], one, atol=1e-5)
        np.testing.assert_allclose(shown[11 + 2 * number], one[..., ::-1], atol=1e-5)


@pytest.mark.parametrize("size", [(48, 48), (20, 32)])
def test_fourteen_views_are_the_image_two_sizes_and_four_turns_by_scipy(size) -> None:
    images = torch.rand(2, 3, *size)
    shown = [view.numpy() for view in views.make_views(images, "views14")]
    changes = ((1.1, 0), (1 / 1.1, 0), (1, 5), (1, -5), (1, 10), (1, -10))
    expected = [images.numpy(), *(warped(images.numpy(), *change) for change in changes)]
    assert len(shown) == 14
    for number, one in enumerate(expected):
        np.testing.assert_allclose(shown[2 * number], one, atol=1e-5)
        np.testing.assert_allclose(shown[2 * number + 1], one[..., ::-1], atol=1e-5)


@pytest.mark.parametrize("tta", ["flip", "views10", "views14", "views18"])
def test_every_image_counts_whatever_the_batch_size(batches, monkeypatch, tta) -> None:
    whole = views.predict_over_views(linear(), batches, FLOAT, tta)
    monkeypatch.setattr(views, "BATCH_SIZE", 7)
    parts = views.predict_over_views(linear(), batches, FLOAT, tta)
    assert len(parts) == 45
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    np.testing.assert_allclose(parts.sum(1), 1, atol=1e-6)


def test_a_model_that_does_not_mind_gets_its_plain_probabilities(batches: Batches) -> None:
    module = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 3))
    plain = predict.predict_probabilities(module, batches, FLOAT)
    found = views.predict_over_views(module, batches, FLOAT, "flip")
    np.testing.assert_allclose(found, plain, atol=1e-6)


def test_dropout_is_off(batches: Batches) -> None:
    module = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(256, 3)).train()
    once, again = (views.predict_over_views(module, batches, FLOAT, "flip") for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_a_view_that_is_no_number_ends_the_run(batches: Batches) -> None:
    class Picky(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            # Finite for every image as it is, and never for one whose edge is empty.
            return images.flatten(1)[:, :3] / images[:, :, 0].abs().sum(dim=(1, 2))[:, None]

    predict.predict_probabilities(Picky(), batches, FLOAT)
    with pytest.raises(RunError, match="not finite for a view of tta=views10"):
        views.predict_over_views(Picky(), batches, FLOAT, "views10")


@pytest.mark.parametrize("tta", ["flip", "views10", "views14", "views18"])
def test_a_model_that_changes_its_input_changes_no_other_view(tta) -> None:
    class Rude(nn.Sequential):
        def forward(self, images):
            images -= 3
            return super().forward(images + 3)

    # In colour and channels_last already: all else is copied on its way there in any case.
    images = torch.randn(4, 3, 8, 8).to(memory_format=torch.channels_last)
    module = linear(192)
    expected = views.mean_over_views(module, images, FLOAT, tta)
    found = views.mean_over_views(Rude(*module), images, FLOAT, tta)
    torch.testing.assert_close(found, expected)
