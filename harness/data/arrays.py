"""What the arrays of a data set must be; where they are not, one sentence says what to do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.damage import DAMAGE
from harness.errors import DataError

SPLITS = ("train", "valid", "test")
HIGHEST = np.iinfo(np.int64).max  # Of a label; the unsigned ones above it become negative.

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
# What comes from files and plugins is of any type and shape until it has been checked.
Unchecked = npt.NDArray[Any]


def open_array(path: Path) -> Unchecked:
    """Map the array of a ``.npy`` file; pickled objects are refused, since they can run code."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGE as error:
        raise DataError(
            f"{path} cannot be read as a .npy array of numbers: it is no such file, cut off, "
            "damaged or holds Python objects; write it again by numpy.save"
        ) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise DataError(
            f"{path} is an archive of several arrays, expected a single one; write it by numpy.save"
        )
    return array


def check_split(split: str, images: Unchecked, labels: Unchecked, where: str) -> None:
    """Raise `DataError` unless images and labels are a split; ``where`` begins the message."""
    _check_images(f"{where}: {split}_images", images)
    _check_labels(f"{where}: {split}_labels", labels, len(images))


def check_same_shape(shapes: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Raise `DataError` unless the images of all splits have one shape."""
    for split, shape in shapes.items():
        if shape != shapes["train"]:
            raise DataError(
                f"{where}: {split}_images holds images of the shape {shape}, expected "
                f"{shapes['train']} as in train_images; bring all images to one size"
            )


def check_classes(classes: Sequence[str], labels: Mapping[str, Labels], where: str) -> None:
    """Raise `DataError` unless class names are usable, and every label has one."""
    twice = sorted({name for name in classes if classes.count(name) > 1})
    if twice or not classes or not all(classes):
        found = f"{twice[0]!r} twice" if twice else f"{list(classes)}"
        raise DataError(
            f"{where}: expected distinct class names, found {found}; name each class once"
        )
    odd = [name for name in classes if not _is_utf8(name)]
    if odd:
        raise DataError(
            f"{where}: the class name {odd[0]!r} is no text in UTF-8; rename the "
            "class or its folder"
        )
    for split, values in labels.items():
        highest = int(values.max())
        if highest >= len(classes):
            row = int(np.flatnonzero(values == highest)[0])
            raise DataError(
                f"{where}: {split}_labels holds the label {highest} at index {row}, expected 0 to "
                f"{len(classes) - 1} for the {len(classes)} classes {_listed(classes)}; correct "
                "the label or name the missing classes"
            )


def check_several(classes: Sequence[str], where: str) -> None:
    """Raise `DataError` unless there are classes to tell apart."""
    if len(classes) < 2:
        raise DataError(
            f"{where}: expected at least two classes, found just {classes[0]!r}; there is nothing "
            "to tell apart"
        )


def blank(images: Images) -> npt.NDArray[np.bool_]:
    """Say of each image whether its pixels are all alike, in every channel for itself."""
    same = images == images[:, :1, :1]
    return np.asarray(same.reshape(len(images), -1).all(axis=1))


def count_classes(labels: Labels, classes: Sequence[str]) -> tuple[int, ...]:
    """Return the number of images of each class."""
    return tuple(np.bincount(labels, minlength=len(classes)).tolist())


def _check_images(name: str, images: Unchecked) -> None:
    if images.dtype != np.uint8:
        raise DataError(
            f"{name} holds {images.dtype}, expected uint8 with values 0–255; convert it (of images "
            "from 0 to 1: (images * 255).round().astype('uint8'))"
        )
    if images.ndim not in (3, 4):
        raise DataError(
            f"{name} has the shape {images.shape}, expected (N, H, W) or (N, H, W, C); reshape it"
        )
    if 0 in images.shape:
        raise DataError(
            f"{name} is empty, its shape is {images.shape}, expected at least one image; "
            "every split needs images"
        )
    if images.ndim == 4 and images.shape[1] in (1, 3, 4) and images.shape[3] > 4:
        raise DataError(
            f"{name} has the shape {images.shape}, which looks like channels first, expected "
            "(N, H, W, C); turn it by images.transpose(0, 2, 3, 1)"
        )


def _check_labels(name: str, labels: Unchecked, images: int) -> None:
    if not np.issubdtype(labels.dtype, np.integer):
        advice = "labels.astype('int64')"
        if labels.dtype.kind in "SU":
            advice = (
                "classes, labels = np.unique(labels, return_inverse=True), over all splits at once"
            )
        raise DataError(
            f"{name} holds {labels.dtype}, expected integers (the class numbers, from 0); "
            f"convert it by {advice}"
        )
    if labels.ndim != 1:
        raise DataError(
            f"{name} has the shape {labels.shape}, expected ({images},); flatten it by "
            "labels.reshape(-1), or one-hot labels by labels.argmax(1)"
        )
    if len(labels) != images:
        raise DataError(
            f"{name} holds {len(labels)} labels, expected {images}, one for each image; write "
            "images and labels from the same rows"
        )
    if labels.max() > HIGHEST:
        row = int(labels.argmax())
        raise DataError(
            f"{name} holds the label {labels[row]} at index {row}, expected the number of a class, "
            "from 0; number the classes one after the other"
        )
    if labels.min() < 0:
        row = int(labels.argmin())
        raise DataError(
            f"{name} holds the label {labels[row]} at index {row}, expected 0 or above; number "
            "the classes from 0 and leave out images without a label"
        )


def _is_utf8(name: str) -> bool:
    """Whether a name can be written; folders of older systems have other bytes in theirs."""
    return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in name)


def _listed(classes: Sequence[str]) -> str:
    shown = ", ".join(classes[:10])
    return f"{shown}, …" if len(classes) > 10 else shown
