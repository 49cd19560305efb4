import io

import numpy as np
import pytest
from PIL import Image

from harness.data.splits import open_splits, write_splits
from harness.data.summary import summarise
from harness.report.datasets.dataset import draw_dataset
from harness.schema import Source


@pytest.fixture
def draw(tmp_path):
    """Draw a data set of so many classes, each of an image a split, and return the picture."""

    def draw(classes, shape=(6, 5), form="png", name="set", **options) -> bytes:
        folder = tmp_path / name
        random = np.random.default_rng(0)
        arrays = {
            split: (
                random.integers(0, 256, (len(classes), *shape), dtype=np.uint8),
                np.arange(len(classes)),
            )
            for split in ("train", "valid", "test")
        }
        source = Source(name="x.zip", form="test")
        if not folder.exists():
            write_splits(folder, arrays, name=name, classes=classes, source=source, **options)
        splits = open_splits(folder)
        return draw_dataset(splits, summarise(folder, splits), form)

    return draw


def text(svg: bytes) -> list[str]:
    """Return what is written in a picture: matplotlib leaves it in comments above the glyphs."""
    lines = svg.decode().splitlines()
    return [line.strip()[5:-4] for line in lines if line.strip().startswith("<!-- ")]


def size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


@pytest.mark.parametrize("count", [2, 7, 30, 100])
@pytest.mark.parametrize("shape", [(1, 1), (6, 5), (4, 4, 3)])
def test_any_number_of_classes_fits_a_picture(draw, count, shape):
    width, height = size(draw([f"class {number}" for number in range(count)], shape))
    assert 300 < height < 2600
    assert 1200 <= width < 5000


def test_the_picture_names_classes_counts_and_source(draw):
    written = text(draw(["cat", "dog"], form="svg", synthetic=True))
    for words in ("set", "cat", "dog", "mean", "examples of the training images", "1 · 1 · 1"):
        assert words in written
    for words in ("train", "valid", "test"):
        assert words in written
    (head,) = (line for line in written if "classes" in line)
    for words in ("6 images", "6 × 5 pixels, grey", "2 classes", "train 2 · valid 2", "synthetic"):
        assert words in head
    assert any(line.startswith("from x.zip   |   fingerprint ") for line in written)


def test_long_names_are_shortened_in_their_middle(draw):
    written = text(draw(["a very long name of class 1", "$x$"], form="svg"))
    assert "a very lo…lass 1" in written
    assert "$x$" in written


def test_equal_data_gives_equal_files(draw):
    assert draw(["a", "b"]) == draw(["a", "b"])
    assert draw(["a", "b"], form="pdf")[:5] == b"%PDF-"


def test_the_users_settings_of_matplotlib_stay_out_of_it(draw):
    import matplotlib as mpl

    plain = draw(["a", "b"])
    with mpl.rc_context({"axes.grid": True, "font.size": 30, "text.usetex": True}):
        assert draw(["a", "b"]) == plain
