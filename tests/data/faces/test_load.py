"""The arrays that `load` returns, and its contract."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from harness.data.faces import CLASSES, harness_datasets, load
from harness.data.faces.labels import FER2013
from harness.errors import RequestError


def digest(splits):
    arrays = [array for pair in splits.values() for array in pair]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_the_same_arguments_give_the_same_bytes():
    assert digest(load(size=300)) == digest(load(size=300))


def test_the_bytes_of_version_1_are_known():
    # Should this fail, the faces have changed: raise VERSION, then write the new digest here.
    assert digest(load(size=300, difficulty=0.5, seed=0))[:16] == "f34005d67c318372"


@pytest.mark.parametrize("other", [{"seed": 1}, {"difficulty": 0.9}])
def test_another_seed_or_difficulty_gives_other_faces(other):
    assert not np.array_equal(load(size=70)["test"][0], load(size=70, **other)["test"][0])


@pytest.mark.parametrize("size", [70, 79, 1234])
def test_sizes_add_up_in_every_split_and_type(size):
    splits = load(size=size)
    assert list(splits) == ["train", "valid", "test"]
    assert sum(len(images) for images, _ in splits.values()) == size
    assert [len(splits[name][0]) for name in ("valid", "test")] == [size // 10] * 2
    for images, labels in splits.values():
        assert images.shape == (len(labels), 48, 48)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64


def test_every_class_is_in_every_split_of_the_smallest_size():
    for _, labels in load(size=70).values():
        assert set(labels) == set(range(7))


def test_class_shares_are_those_of_fer2013(faces):
    total = sum(FER2013.values())
    for _, labels in faces.values():
        for label, name in enumerate(CLASSES):
            assert abs((labels == label).sum() - len(labels) * FER2013[name] / total) <= 1


def test_no_picture_stands_twice_in_or_across_the_splits(faces):
    pictures = np.concatenate([images for images, _ in faces.values()])
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_labels_come_in_no_order(faces):
    labels = faces["train"][1]
    assert (np.diff(labels) != 0).mean() > 0.7


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 69}, "size .* at least 70 .* not 69"),
        ({"size": 100.0}, "size .* whole number"),
        ({"size": True}, "size .* not True"),
        ({"difficulty": 1.1}, "difficulty .* from 0 to 1, not 1.1"),
        ({"difficulty": float("nan")}, "difficulty .* not nan"),
        ({"difficulty": "hard"}, "difficulty .* not 'hard'"),
        ({"seed": -1}, "seed .* at least 0, not -1"),
        ({"seed": 0.5}, "seed .* not 0.5"),
    ],
)
def test_a_wrong_argument_is_a_request_error_that_names_it(wrong, said):
    with pytest.raises(RequestError, match=said):
        load(**wrong)


def test_the_plugin_says_that_its_faces_are_synthetic():
    (plugin,) = harness_datasets()
    assert plugin.name == "faces"
    assert plugin.synthetic
    assert plugin.classes == CLASSES
    assert set(plugin.arguments) == {"size", "difficulty", "seed"}


def test_importing_and_registering_loads_no_numpy():
    code = (
        "import sys; from harness.data.faces import harness_datasets; harness_datasets(); "
        "sys.exit(bool({'numpy', 'torch', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
