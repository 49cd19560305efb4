"""Classes by their names: FER-2013's in its own order, whatever people call them; else sorted."""

from collections.abc import Collection, Mapping
from unicodedata import normalize

import numpy as np

from harness.data import published
from harness.data.arrays import SPLITS, Labels, count_classes
from harness.errors import DataError

# Beside arrays: the name of each class, one a line.
CLASS_NAMES = "classes.txt"
# Other words for FER-2013's classes, each of which can mean one class only.
SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "scared": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def number_classes(names: Collection[str]) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Return the classes in order, and the number of the class that each of ``names`` means.

    Names that are FER-2013's seven, or other words for them, get its order and spelling, in any
    case, be it another one in each split. Others are sorted: by value if all are numbers, else
    alphabetically.
    """
    words = {name: canonical(name) for name in names}
    apart = {name.strip().lower() for name in names}
    if set(words.values()) == set(published.CLASSES) and len(apart) == len(published.CLASSES):
        return published.CLASSES, {name: published.CLASSES.index(words[name]) for name in names}
    # Archives of macOS part an accent from its letter: it is the same name for whoever reads it.
    same = {name: normalize("NFC", name) for name in names}
    numbers = all(name.isdecimal() for name in names)
    classes = tuple(sorted(set(same.values()), key=lambda one: (int(one) if numbers else 0, one)))
    return classes, {name: classes.index(one) for name, one in same.items()}


def canonical(name: str) -> str:
    """Return FER-2013's word for a class; other names in lower case."""
    word = name.strip().lower()
    return SYNONYMS.get(word, word)


def read_names(content: bytes) -> tuple[str, ...]:
    """Return the class names in the content of a ``classes.txt``.

    Raises `DataError` for another encoding than UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{CLASS_NAMES} is no text in UTF-8 (byte {error.start}), expected a name a line; save "
            "it as UTF-8"
        ) from error
    # Not all that ends a line for Python does so for an editor.
    lines = text.replace("\r", "\n").split("\n")
    return tuple(normalize("NFC", line.strip()) for line in lines if line.strip())


def unnamed_classes(
    labels: Mapping[str, Labels], where: str, name: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of classes that only have numbers, and a warning where they are a guess.

    An error says ``where`` the data lies, a warning, which records keep, only its ``name``.
    They are FER-2013's where the ``labels`` of all splits are 0 to 6, else the numbers. Raises
    `DataError` where a number below the highest label has no image in any split: that would be a
    class which the data does not have.
    """
    found = np.unique(np.concatenate(list(labels.values())))
    gaps = np.flatnonzero(found != np.arange(len(found)))
    if len(gaps):
        raise _with_gap(found, int(gaps[0]), where)
    if len(found) == len(published.CLASSES):
        return published.CLASSES, _guess(labels, name)
    return tuple(map(str, found.tolist())), ()


def _with_gap(found: Labels, gap: int, where: str) -> DataError:
    first, last = int(found[0]), int(found[-1])
    if last - first == len(found) - 1:
        what = f"labels from {first} to {last}, expected numbers from 0; subtract {first}"
    else:
        what = (
            f"the label {int(found[gap])} but no label {gap}, expected numbers from 0 without a "
            "gap; number the classes one after the other"
        )
    return DataError(f"{where} holds {what}, or name the classes in {CLASS_NAMES}, one a line")


def _guess(labels: Mapping[str, Labels], name: str) -> tuple[str, ...]:
    counts = {split: count_classes(values, published.CLASSES) for split, values in labels.items()}
    if len(counts) == len(SPLITS) and not published.differences(counts):
        return ()
    return (
        f"{name} does not name its seven classes: they are taken for FER-2013's "
        f"({', '.join(published.CLASSES)}); if they are others, name them in {CLASS_NAMES} beside "
        "the arrays, one a line",
    )
