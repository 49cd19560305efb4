"""How many images of each class, and how people mislabel them."""

import numpy as np
from numpy.typing import NDArray

from harness.data.faces import CLASSES
from harness.data.faces.dice import Dice

FER2013 = {
    "angry": 3995,
    "disgust": 436,
    "fear": 4097,
    "happy": 7215,
    "sad": 4830,
    "surprise": 3171,
    "neutral": 4965,
}
"""Images of each class in FER-2013's training split (Goodfellow et al., 2013)."""

# Of the images labelled so, the share that shows something else at difficulty 1, and what.
MISTAKES: dict[str, dict[str, float]] = {
    "angry": {"sad": 0.08, "neutral": 0.08, "disgust": 0.05, "fear": 0.04},
    "disgust": {"angry": 0.25, "sad": 0.06},
    "fear": {"surprise": 0.13, "sad": 0.16, "angry": 0.07, "neutral": 0.05},
    "happy": {"neutral": 0.05, "surprise": 0.02},
    "sad": {"neutral": 0.16, "fear": 0.08, "angry": 0.06},
    "surprise": {"fear": 0.09, "happy": 0.02},
    "neutral": {"sad": 0.14, "happy": 0.05, "angry": 0.04},
}


def counts(size: int) -> list[int]:
    """Return how many of ``size`` images each class gets: FER-2013's shares, at least one each."""
    total = sum(FER2013.values())
    exact = [size * FER2013[name] / total for name in CLASSES]
    whole = [max(1, int(share)) for share in exact]
    # The classes furthest below their share get what is left over, or give what is too much.
    while sum(whole) != size:
        step = 1 if sum(whole) < size else -1
        spare = [
            step * (e - w) if w + step >= 1 else -size for e, w in zip(exact, whole, strict=True)
        ]
        whole[spare.index(max(spare))] += step
    return whole


def labels(size: int, dice: Dice) -> NDArray[np.int64]:
    """Return ``size`` labels in random order."""
    ordered = np.repeat(np.arange(len(CLASSES), dtype=np.int64), counts(size))
    return ordered[dice.order(size)]


def shown(labels: NDArray[np.int64], difficulty: float, dice: Dice) -> NDArray[np.int64]:
    """Return what the images truly show, which a few labels miss, the more the more difficult."""
    # Labels go wrong early: even good pictures are labelled by people in a hurry.
    haste = difficulty * (2 - difficulty)
    share = np.zeros((len(CLASSES), len(CLASSES)))
    for name, mistakes in MISTAKES.items():
        for other, probability in mistakes.items():
            share[CLASSES.index(name), CLASSES.index(other)] = probability * haste
    ends = np.cumsum(share, axis=1)[labels]
    choice = (dice.uniform(len(labels))[:, None] >= ends).sum(axis=1)
    return np.where(choice < len(CLASSES), choice, labels)
