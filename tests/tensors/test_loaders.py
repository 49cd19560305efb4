from pathlib import Path

import numpy as np
import pytest
import torch

from harness import SplitDataset, data_loader
from harness.data.splits import open_splits
from harness.errors import DataError, RequestError
from harness.tensors.batches import load_batches


def test_a_dataset_holds_what_the_harness_itself_trains_on(tiny: Path) -> None:
    dataset = SplitDataset(tiny, "valid")
    images, labels = next(
        load_batches(open_splits(tiny), torch.device("cpu"))["valid"].in_order(99)
    )
    assert len(dataset) == len(labels)
    for index in (0, 7, 32):
        image, label = dataset[index]
        torch.testing.assert_close(image, images[index])
        assert label == int(labels[index])
    assert dataset.classes == ("left", "right", "up")


def test_without_normalising_the_pixels_stay_bytes(tiny: Path) -> None:
    image, _ = SplitDataset(tiny, "test", normalize=False)[3]
    assert image.dtype == torch.uint8
    np.testing.assert_array_equal(image[0], np.load(tiny / "test_images.npy")[3])


def test_colour_images_come_channels_first(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 7, 3), dtype=np.uint8)
    for split in ("train", "valid", "test"):
        np.save(tmp_path / f"{split}_images.npy", images)
        np.save(tmp_path / f"{split}_labels.npy", np.arange(6) % 2)
    image, _ = SplitDataset(tmp_path, "train", normalize=False)[4]
    np.testing.assert_array_equal(image, images[4].transpose(2, 0, 1))


def test_a_channel_that_never_changes_is_what_the_harness_makes_of_it(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 7, 4), dtype=np.uint8)
    images[..., 3] = 255
    for split in ("train", "valid", "test"):
        np.save(tmp_path / f"{split}_images.npy", images)
        np.save(tmp_path / f"{split}_labels.npy", np.arange(6) % 2)
    expected, _ = next(
        load_batches(open_splits(tmp_path), torch.device("cpu"))["train"].in_order(6)
    )
    for index in range(6):
        image, _ = SplitDataset(tmp_path, "train")[index]
        torch.testing.assert_close(image, expected[index])
        assert image.isfinite().all()


def test_a_loader_shuffles_the_training_split_only(tiny: Path) -> None:
    torch.manual_seed(0)
    labels = {
        split: torch.cat([batch for _, batch in data_loader(tiny, split, batch_size=10)])
        for split in ("train", "valid")
    }
    stored = np.load(tiny / "train_labels.npy")
    assert labels["train"].tolist() != stored.tolist()
    assert sorted(labels["train"].tolist()) == sorted(stored.tolist())
    assert labels["valid"].tolist() == np.load(tiny / "valid_labels.npy").tolist()


def test_an_unknown_split_and_a_folder_without_data_are_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="valid: train, valid, test"):
        SplitDataset(tiny, "dev")
    with pytest.raises(DataError):
        SplitDataset(tmp_path, "train")


@pytest.mark.parametrize("kind", ["sampler", "batch_sampler"])
def test_a_loader_takes_an_order_of_ones_own(tiny: Path, kind) -> None:
    order = [5, 3, 9, 3]
    sampler = order if kind == "sampler" else [order[:3], order[3:]]
    loader = data_loader(tiny, "train", batch_size=3, **{kind: sampler})
    batches = [labels.tolist() for _, labels in loader]
    stored = np.load(tiny / "train_labels.npy")
    assert batches == [stored[order[:3]].tolist(), stored[order[3:]].tolist()]
