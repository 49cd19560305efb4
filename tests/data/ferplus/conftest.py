"""FER-2013 in its official counts, of one pixel an image, and votes for it as FER+ has them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.data import published

SPLITS = ("train", "valid", "test")
USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}
HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)
# The column of votes of each of FER-2013's classes: angry, disgust, fear, happy, sad, …
COLUMNS = np.array([4, 5, 6, 1, 3, 2, 0])


@pytest.fixture(scope="session")
def labels() -> dict[str, np.ndarray]:
    """Labels of each split, in no order but the same at each call."""
    random = np.random.default_rng(0)
    return {s: random.permutation(np.repeat(np.arange(7), published.COUNTS[s])) for s in SPLITS}


@pytest.fixture
def votes(labels) -> dict[str, np.ndarray]:
    """Ten votes a row: in each ten rows seven for the label, one each tied, unknown and no face."""
    counts = {}
    for split, own in labels.items():
        counts[split] = np.zeros((len(own), 10), np.uint8)
        kind = np.arange(len(own)) % 10
        counts[split][np.arange(len(own)), COLUMNS[own]] = np.where(kind < 7, 10, 0)
        counts[split][kind == 7, :2] = 5
        counts[split][kind == 8, 8] = 10
        counts[split][kind == 9, 9] = 10
    return counts


@pytest.fixture
def source(labels, tmp_path) -> Path:
    """A folder with the six arrays."""
    folder = tmp_path / "official"
    folder.mkdir()
    for split, own in labels.items():
        numbers = np.arange(len(own)) % 251
        np.save(folder / f"{split}_images.npy", numbers.astype(np.uint8)[:, None, None])
        np.save(folder / f"{split}_labels.npy", own)
    return folder


@pytest.fixture
def write_csv(labels, tmp_path) -> Callable[..., Path]:
    """Write the images as a CSV file, split by split."""

    def write(name="fer2013.csv", order=SPLITS) -> Path:
        rows = (f"{label},7,{USAGES[split]}\n" for split in order for label in labels[split])
        path = tmp_path / name
        path.write_text("emotion,pixels,Usage\n" + "".join(rows))
        return path

    return write


@pytest.fixture
def write_votes(tmp_path) -> Callable[..., Path]:
    """Write votes as FER+ does, with names of images that are not the numbers of rows."""

    def write(votes, order=SPLITS, header=HEADER) -> Path:
        rows = [
            f"{USAGES[split]},{'' if row[9] else 'fer0000001.png'},{','.join(map(str, row))}\n"
            for split in order
            for row in votes[split].tolist()
        ]
        path = tmp_path / "fer2013new.csv"
        path.write_text(f"{header}\n{''.join(rows)}")
        return path

    return write
