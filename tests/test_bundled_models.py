"""The models that come with the harness keep what the README says of them."""

import itertools

import pytest
import torch
from torch import nn

from harness.plugins import discover
from harness_convnet.model import ConvNet
from harness_fastnet.model import FastNet
from harness_vgg.model import VGG


@pytest.fixture(scope="module")
def models():
    return {model.name: model for model, _ in discover().models}


def test_they_are_found_by_the_entry_points_that_strangers_use(models) -> None:
    assert {"convnet", "fastnet", "vgg"} <= set(models)
    assert models["convnet"].aliases == ("basic",)


@pytest.mark.parametrize("name", ["convnet", "fastnet", "vgg"])
@pytest.mark.parametrize(
    ("shape", "classes"),
    [((1, 48, 48), 7), ((3, 32, 32), 10), ((1, 16, 16), 2), ((4, 17, 31), 5), ((3, 64, 40), 100)],
)
def test_any_channels_classes_and_sizes_from_16_give_logits(models, name, shape, classes) -> None:
    model = models[name]
    assert model.supports(shape, classes) is None
    module = model.build(shape, classes)
    logits = module(torch.randn(3, *shape))
    assert logits.shape == (3, classes)
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("convnet", (1, 7, 48)),
        ("convnet", (1, 48, 7)),
        *((name, shape) for name in ("fastnet", "vgg") for shape in [(1, 15, 48), (1, 48, 15)]),
    ],
)
def test_smaller_images_are_refused_with_a_reason(models, name, shape) -> None:
    assert f"these are {shape[1]}x{shape[2]}" in models[name].supports(shape, 7)


def test_the_convnet_takes_images_as_small_as_three_poolings_can(models) -> None:
    """Such as the digits of scikit-learn."""
    assert models["convnet"].supports((1, 8, 8), 10) is None
    assert models["convnet"].build((1, 8, 8), 10)(torch.randn(3, 1, 8, 8)).shape == (3, 10)


def test_the_convnet_is_three_stages_and_a_hidden_layer_without_batch_norm_or_dropout() -> None:
    module = ConvNet((1, 48, 48), 7, 32, 256)
    kinds = [type(part).__name__ for part in itertools.chain(module.features, module.classifier)]
    stage = ["Conv2d", "MaxPool2d", "ReLU"]
    assert kinds == [*stage * 3, "Flatten", "Linear", "ReLU", "Linear"]
    outputs = [part.out_channels for part in module.features if isinstance(part, nn.Conv2d)]
    assert outputs == [32, 64, 128]
    assert module.classifier[1].out_features == 256


@pytest.mark.parametrize(
    ("early", "widths"),
    [(1, [32, 64, 128, 128, 256, 256]), (2, [32, 32, 64, 64, 128, 128, 256, 256])],
)
def test_the_vgg_is_four_stages_of_convolutions_with_batch_norm_and_dropout(early, widths) -> None:
    module = VGG((1, 48, 48), 7, 32, 0.5, early)
    kinds = [type(part).__name__ for part in module.features]
    convolution = ["Conv2d", "BatchNorm2d"]
    two = [*convolution, "ReLU", *convolution, "MaxPool2d", "ReLU"]
    first = two if early == 2 else [*convolution, "MaxPool2d", "ReLU"]
    assert kinds == [*first * 2, *two * 2]
    outputs = [part.out_channels for part in module.features if isinstance(part, nn.Conv2d)]
    assert outputs == widths
    assert any(isinstance(part, nn.Dropout) for part in module.classifier)


def test_the_vgg_has_one_early_convolution_unless_asked_and_never_none(models) -> None:
    parts = models["vgg"].build((1, 16, 16), 3, width=4).features
    assert sum(isinstance(part, nn.Conv2d) for part in parts) == 6
    with pytest.raises(ValueError, match="early must be 1 or more, not 0"):
        models["vgg"].build((1, 16, 16), 3, early=0)


@pytest.mark.parametrize(
    "model",
    [ConvNet((1, 48, 48), 7, 32, 256), VGG((1, 48, 48), 7, 32, 0.0)],
    ids=["convnet", "vgg"],
)
def test_pooling_before_relu_gives_what_relu_before_pooling_gives(model) -> None:
    def gradients_of(features: nn.Sequential) -> list[torch.Tensor]:
        whole = nn.Sequential(features, model.classifier)
        loss = nn.functional.cross_entropy(whole(images), torch.arange(8) % 7)
        return [loss.detach(), *torch.autograd.grad(loss, list(whole.parameters()))]

    images = torch.randn(8, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    textbook = list(model.features)
    for place in [i for i, part in enumerate(textbook) if isinstance(part, nn.MaxPool2d)]:
        textbook[place : place + 2] = reversed(textbook[place : place + 2])
    ours = gradients_of(model.features)
    for one, other in zip(ours, gradients_of(nn.Sequential(*textbook)), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def test_the_fastnet_is_a_stem_and_three_stages_with_a_residual_convolution_each() -> None:
    module = FastNet((1, 48, 48), 7, 32, 0.0)
    convolutions = [part for part in module.modules() if isinstance(part, nn.Conv2d)]
    assert [(part.in_channels, part.out_channels) for part in convolutions] == [
        (1, 32),
        (32, 32),
        (32, 64),
        (64, 64),
        (64, 128),
        (128, 128),
        (128, 128),
        (128, 128),
    ]
    residual = module.features[-1]
    features = torch.randn(2, 128, 3, 3)
    torch.testing.assert_close(residual(features), features + residual.body(features))


def test_the_fastnet_begins_with_equal_chances_and_takes_images_of_any_size() -> None:
    module = FastNet((1, 48, 48), 7, 8, 0.0)
    for size in (16, 33, 96):
        assert torch.equal(module(torch.randn(3, 1, size, size)), torch.zeros(3, 7))


def test_arguments_change_the_network(models) -> None:
    def size(name: str, **arguments: float) -> int:
        module = models[name].build((1, 48, 48), 7, **arguments)
        return sum(parameter.numel() for parameter in module.parameters())

    assert size("vgg", width=16) < size("vgg")
    assert size("convnet", width=16) < size("convnet")
    assert size("convnet", hidden=64) < size("convnet")
    assert size("fastnet", width=16) < size("fastnet")
    for name in ("fastnet", "vgg"):
        parts = models[name].build((1, 48, 48), 7, dropout=0.1).modules()
        assert {part.p for part in parts if isinstance(part, nn.Dropout)} == {0.1}


@pytest.mark.parametrize("name", ["convnet", "vgg"])
def test_the_default_recipe_is_the_classic_one(models, name) -> None:
    recipe = models[name].recipe
    assert (recipe.epochs, recipe.optimizer, recipe.schedule) == (200, "SGD", "exponential")
    assert recipe.momentum == 0.9
