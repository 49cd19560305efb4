"""Pictures to find twins among: smooth random textures, which all differ from each other."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from harness.data.splits import Splits, open_splits


@pytest.fixture(scope="session")
def pictures() -> Callable[..., np.ndarray]:
    """Return ``(count, height, width)`` pictures with edges and detail, none like another."""

    def pictures(count: int, height: int = 48, width: int = 48, seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        layers = [
            gaussian_filter(random.normal(size=(count, height, width)), (0, sigma, sigma)) * sigma
            for sigma in (1.5, 3, 6)
        ]
        images = sum(layers)
        images -= images.mean(axis=(1, 2), keepdims=True)
        images *= 55 / images.std(axis=(1, 2), keepdims=True)
        return np.clip(images + 128, 0, 255).round().astype(np.uint8)

    return pictures


@pytest.fixture
def make_data(tmp_path: Path) -> Callable[..., Splits]:
    """Write three splits of images and open them; labels are 0 and 1 by turns unless given."""

    def make_data(train, valid, test, labels=None, name="data", classes=None) -> Splits:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for split, images in {"train": train, "valid": valid, "test": test}.items():
            given = (labels or {}).get(split, np.arange(len(images)) % 2)
            np.save(folder / f"{split}_images.npy", np.asarray(images))
            np.save(folder / f"{split}_labels.npy", np.asarray(given, np.int64))
        if classes:
            (folder / "classes.txt").write_text("\n".join(classes))
        return open_splits(folder)

    return make_data
