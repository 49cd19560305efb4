"""Small data sets: arrays, the folder they lie in, CSV files of rows; and how sources are read."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.data.formats import recognise
from harness.data.formats.reader import Options, Prepared
from harness.data.prepare import ignore
from harness.data.splits import open_splits
from harness.data.trees import open_tree
from harness.errors import DataError, RequestError

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


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Give a folder as it is, or all that lies in it as an archive of this kind."""

    def pack(folder: Path, kind: str, top: str = "", name: str = "packed") -> Path:
        if kind == "folder":
            return folder
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        path = tmp_path / f"{name}.{kind}"
        names = [top + file.relative_to(folder).as_posix() for file in files]
        if kind == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for file, inner in zip(files, names, strict=True):
                    archive.write(file, inner)
        else:
            with tarfile.open(path, "w:gz" if "gz" in kind else "w") as archive:
                for file, inner in zip(files, names, strict=True):
                    archive.add(file, inner)
        return path

    return pack


@pytest.fixture
def form(fer2013: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a sample of the real data in one of the forms in which users hold it."""

    def form(name: str, rows: int | None = 60) -> Path:
        folder = tmp_path / f"form-{name}"
        sample = () if rows is None else ("--rows", str(rows))
        script = fer2013 / "write_forms.py"
        subprocess.run([sys.executable, script, name, folder, *sample], check=True)
        return folder

    return form


@pytest.fixture
def read() -> Callable[..., Prepared]:
    """Read a source as `harness data prepare` does, without writing anything."""

    def read(path: Path, **options) -> Prepared:
        with open_tree(path) as tree:
            return recognise(tree).read(tree, Options(**options), ignore)

    return read


@pytest.fixture
def refusal(read) -> Callable[..., str]:
    """Return the one sentence in which a source is refused."""

    def refusal(path: Path, **options) -> str:
        with pytest.raises((DataError, RequestError)) as caught:
            read(path, **options)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return refusal


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """Write one image a name: a PNG of one shade, which counts the images in order."""

    def tree(*names, name="set", size=(3, 2), mode="L"):
        root = tmp_path / name
        for shade, inner in enumerate(names):
            path = root / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new(mode, size[::-1], shade if mode == "L" else (shade, 0, 9)).save(path)
        return root

    return tree


@pytest.fixture
def unopened() -> Callable[[Path], str]:
    """Return the one sentence in which a folder is refused as a data set."""

    def unopened(folder: Path) -> str:
        with pytest.raises(DataError) as caught:
            open_splits(folder)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return unopened
