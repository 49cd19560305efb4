"""Fixtures that several rooms' tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def fer2013() -> Path:
    """The folder of the real FER-2013, from FER2013_DIR or from beside the checkout."""
    folder = Path(os.environ.get("FER2013_DIR", ROOT.parent / "shared" / "fer2013"))
    if not (folder / "train_images.npy").is_file():
        pytest.skip(f"the real FER-2013 is not at {folder.name}; FER2013_DIR names its folder")
    return folder
