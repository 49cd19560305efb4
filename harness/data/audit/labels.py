"""What class counts tell: classes that a split lacks, and labels numbered in another order."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.data.published import CLASSES, COUNTS

CLOSE = 0.01  # shares of classes that differ by less are the same


def missing_classes(
    class_counts: Mapping[str, Sequence[int]], classes: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the classes without an image, by the splits that lack any."""
    missing = {
        split: tuple(name for name, count in zip(classes, counts, strict=True) if not count)
        for split, counts in class_counts.items()
    }
    return {split: names for split, names in missing.items() if names}


def numbered_otherwise(
    class_counts: Mapping[str, Sequence[int]], classes: Sequence[str]
) -> str | None:
    """Return a warning where FER-2013's counts stand under other names than published.

    Its classes are numbered in an order of its own, in which neutral comes last; folders and hubs
    have them in alphabetical order. Which order the labels follow is told by the shares of the
    classes in the training images.
    """
    if sorted(classes) != sorted(CLASSES):
        return None
    found = _shares(class_counts["train"])
    if _close(found, classes):
        return None
    orders = {"alphabetically": sorted(CLASSES), "in FER-2013's own order": list(CLASSES)}
    for words, order in orders.items():
        if _close(found, order):
            return (
                f"the labels look numbered {words} ({', '.join(order)}), but the classes are named "
                f"{', '.join(classes)}: that is how FER-2013's counts would come out; name the "
                "classes in the order of the labels"
            )
    return None


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    return np.asarray(counts) / max(1, sum(counts))


def _close(found: NDArray[np.float64], names: Sequence[str]) -> bool:
    published = dict(zip(CLASSES, _shares(COUNTS["train"]), strict=True))
    return bool(np.abs(found - [published[name] for name in names]).max() < CLOSE)
