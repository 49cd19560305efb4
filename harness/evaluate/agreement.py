"""How far annotators agree on an image, and accuracy by it."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.statistics import wilson
from harness.schema import AgreementShare

# Each bin is open at its left and closed at its right end. Of ten annotators: no majority; six or
# seven; eight or nine; all.
EDGES = (0.0, 0.5, 0.7, 0.9, 1.0)


def agreement_of(votes: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the share of the most chosen column among all votes on each image, 0–1, ``(N,)``.

    ``votes`` are ``(N, columns)``, answers that are no class among them; 0 for an image without
    votes.
    """
    total = votes.sum(axis=1, dtype=np.int64)
    share: NDArray[np.float32] = (votes.max(axis=1) / np.maximum(total, 1)).astype(np.float32)
    return share


def accuracy_by_agreement(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    agreement: NDArray[np.floating],
) -> tuple[AgreementShare, ...]:
    """Return accuracy on the images of each bin of ``agreement`` ``(N,)``; images of 0 are in none.

    ``probabilities`` are ``(N, classes)``, ``labels`` ``(N,)``.
    """
    correct = probabilities.argmax(axis=1) == labels
    # As float32 both 7 / 10 and the edge 0.7 are the same number.
    edges = np.array(EDGES, np.float32)
    place = np.searchsorted(edges, agreement.astype(np.float32), side="left") - 1
    return tuple(
        _share(low, high, correct[place == number])
        for number, (low, high) in enumerate(pairwise(EDGES))
    )


def _share(low: float, high: float, correct: NDArray[np.bool_]) -> AgreementShare:
    n, hits = len(correct), int(correct.sum())
    below, above = wilson(hits, n) if n else (None, None)
    return AgreementShare(
        low=low,
        high=high,
        n=n,
        accuracy=hits / n if n else None,
        accuracy_low=below,
        accuracy_high=above,
    )
