from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import zscore

from harness.data.splits import open_splits
from harness.errors import DataError
from harness.schema import Augment
from harness.tensors.batches import Batches, as_channels_first, load_batches

CPU = torch.device("cpu")


def numbered(count: int) -> Batches:
    """Images whose pixels, and labels, are their own numbers."""
    images = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None], (count, 4, 4))
    split = type("Split", (), {"images": images, "labels": np.arange(count)})()
    return Batches(split, mean=(0.0,), std=(1 / 255,), device=CPU)


def test_normalised_images_have_the_training_splits_mean_0_and_deviation_1(tiny: Path) -> None:
    batches = load_batches(open_splits(tiny), CPU)["train"]
    images = torch.cat([images for images, _ in batches.in_order(7)])
    assert images.shape == (96, 1, 16, 16)
    assert float(images.double().mean()) == pytest.approx(0, abs=1e-5)
    assert float(images.double().std(correction=0)) == pytest.approx(1, abs=1e-5)


def test_normalising_is_what_the_formula_says() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    split = type("Split", (), {"images": images, "labels": np.zeros(5, int)})()
    mean, std = (0.1, 0.5, 0.7), (0.2, 0.3, 0.4)
    found, _ = next(Batches(split, mean, std, CPU).in_order(5))
    expected = ((images / 255 - mean) / std).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_each_image_normalised_by_itself_is_what_scipy_says() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    images[3] = 200  # A blank one becomes 0.
    split = type("Split", (), {"images": images, "labels": np.zeros(5, int)})()
    found, _ = next(Batches(split, (0.1,) * 3, (0.2,) * 3, CPU, normalize="image").in_order(5))
    kept = [0, 1, 2, 4]
    expected = zscore(images[kept].astype(float), axis=(1, 2, 3)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found[kept].numpy(), expected, atol=1e-4)
    assert found[3].abs().max() == 0


def test_a_blank_split_is_normalised_to_finite_numbers() -> None:
    split = type("Split", (), {"images": np.zeros((2, 4, 4), np.uint8), "labels": np.zeros(2)})()
    images, _ = next(Batches(split, (0.0,), (0.0,), CPU).in_order(2))
    assert torch.isfinite(images).all()


def test_in_order_yields_every_image_once_with_its_label() -> None:
    images, labels = zip(*numbered(10).in_order(4), strict=True)
    assert [len(part) for part in labels] == [4, 4, 2]
    assert torch.cat(labels).tolist() == list(range(10))
    torch.testing.assert_close(torch.cat(images)[:, 0, 0, 0], torch.arange(10.0))


def test_shuffled_yields_every_image_once_with_its_label() -> None:
    generator = torch.Generator().manual_seed(3)
    images, labels, targets = zip(*numbered(10).shuffled(4, Augment(), generator), strict=True)
    assert set(targets) == {None}
    order = torch.cat(labels)
    assert sorted(order.tolist()) == list(range(10))
    assert order.tolist() != list(range(10))
    torch.testing.assert_close(torch.cat(images)[:, 0, 0, 0], order.float())


def test_balanced_sampling_yields_as_many_images_with_their_labels() -> None:
    generator = torch.Generator().manual_seed(3)
    found = list(numbered(10).shuffled(4, Augment(), generator, "balanced"))
    labels = torch.cat([labels for _, labels, _ in found])
    images = torch.cat([images for images, _, _ in found])
    assert len(labels) == 10
    assert len(set(labels.tolist())) < 10
    torch.testing.assert_close(images[:, 0, 0, 0], labels.float())


def test_targets_go_with_their_images(voted: Path) -> None:
    batches = load_batches(open_splits(voted), CPU, targets="votes")["train"]
    generator = torch.Generator().manual_seed(3)
    images, labels, targets = next(batches.shuffled(96, Augment(), generator))
    for image, label, target in zip(images, labels, targets, strict=True):
        distance = (batches.normalize(batches.images) - image).flatten(1).abs().amax(1)
        place = int(distance.argmin())
        assert torch.equal(target, batches.targets[place])
        assert label == batches.labels[place]
    assert targets.dtype == torch.float32
    torch.testing.assert_close(targets.sum(1), torch.ones(96))


def test_only_training_is_against_votes_and_only_where_the_recipe_says_so(voted: Path) -> None:
    splits = open_splits(voted)
    batches = load_batches(splits, CPU, targets="votes")
    assert (batches["valid"].targets, batches["test"].targets) == (None, None)
    assert load_batches(splits, CPU)["train"].targets is None


def test_teachers_have_their_share_of_the_targets_and_labels_or_votes_the_rest(voted: Path) -> None:
    splits = open_splits(voted)
    votes = load_batches(splits, CPU, targets="votes")["train"].targets.numpy()
    hard = np.eye(3, dtype=np.float32)[splits.train.labels]
    teachers = np.random.default_rng(0).dirichlet(np.ones(3), 96).astype(np.float32)
    for share in (0.3, 1.0):
        for targets, rest in (("labels", hard), ("votes", votes)):
            batches = load_batches(
                splits, CPU, targets=targets, teachers=teachers, teacher_share=share
            )
            expected = share * teachers + (1 - share) * rest
            np.testing.assert_allclose(batches["train"].targets.numpy(), expected, atol=1e-6)
            assert batches["valid"].targets is None


def test_who_learns_from_teachers_alone_needs_no_votes(tiny: Path) -> None:
    teachers = np.full((96, 3), 1 / 3, dtype=np.float32)
    batches = load_batches(open_splits(tiny), CPU, targets="votes", teachers=teachers)
    assert (batches["train"].targets == 1 / 3).all()
    with pytest.raises(DataError, match="has none"):
        load_batches(open_splits(tiny), CPU, targets="votes", teachers=teachers, teacher_share=0.5)


def test_classes_without_images_are_counted_too() -> None:
    split = type("Split", (), {"images": np.zeros((3, 4, 4), np.uint8), "labels": [1, 1, 0]})()
    batches = Batches(split, (0.0,), (1.0,), CPU, classes=4)
    assert batches.class_counts().tolist() == [1, 2, 0, 0]


@pytest.mark.parametrize(("count", "sizes"), [(9, [3, 3, 3]), (8, [4, 4]), (5, [3, 2]), (3, [3])])
def test_no_shuffled_batch_is_tiny(count: int, sizes: list[int]) -> None:
    batches = numbered(count).shuffled(4, Augment(), torch.Generator())
    assert [len(labels) for _, labels, _ in batches] == sizes


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    def order(seed: int) -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        batches = numbered(50).shuffled(8, Augment(), generator)
        return torch.cat([labels for _, labels, _ in batches]).tolist()

    assert order(0) == order(0) != order(1)


def test_rgb_images_keep_their_memory_as_channels_last() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3), dtype=np.uint8)
    tensor = as_channels_first(images)
    assert tensor.shape == (2, 3, 5, 6)
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    assert tensor[1, 2, 3, 4] == images[1, 3, 4, 2]
