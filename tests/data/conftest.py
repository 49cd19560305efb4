"""Small data sets: arrays, the folder they lie in, and CSV files of rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}


@pytest.fixture
def arrays() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Three splits of 9, 6 and 4 images of 5 × 4, of classes 0 to 2."""
    random = np.random.default_rng(0)
    return {
        split: (
            random.integers(0, 256, (count, 5, 4), dtype=np.uint8),
            np.arange(count, dtype=np.int64) % 3,
        )
        for split, count in {"train": 9, "valid": 6, "test": 4}.items()
    }


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write arrays as six bare files and return their folder."""

    def save(arrays, name="bare") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for split, (images, labels) in arrays.items():
            np.save(folder / f"{split}_images.npy", images)
            np.save(folder / f"{split}_labels.npy", labels)
        return folder

    return save


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Write lines (text or bytes) as a CSV file and return its path."""

    def csv(*lines, header="emotion,pixels,Usage", end="\n", last="\n", name="fer2013.csv") -> Path:
        path = tmp_path / name
        encoded = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
        path.write_bytes(end.encode().join(encoded) + last.encode())
        return path

    return csv


@pytest.fixture
def rows() -> list[str]:
    """Six good rows of 2 × 2 pixels, two in each split."""
    return [
        "0,0 1 22 255,Training",
        "3,70 80 82 9,Training",
        "6,100 99 10 200,PublicTest",
        "1,7 7 7 7,PublicTest",
        "2,254 1 0 31,PrivateTest",
        "5,249 250 199 30,PrivateTest",
    ]
