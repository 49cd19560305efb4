"""Near twins: images that show the same picture, though their pixels differ."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.audit.alignment import Pose, align, band, correlation
from harness.data.audit.candidates import MOVES, Candidates, find_candidates
from harness.data.audit.descriptor import mirrored
from harness.data.audit.gallery import Gallery, Rows
from harness.data.audit.grids import SIDE

LOWEST = 0.90  # of all thresholds; docs/data.md says what was seen around it
BELOW = 0.04  # how far below the threshold pairs are doubtful
STEP = 0.01  # between thresholds
BATCH = 4096  # pairs at a time
DRY = 0.01  # a batch with a smaller part of twins is the last
CONTRAST = 2.0  # grey levels: images that vary less show nothing that could be compared
SMALLEST = 16  # pixels a side: what is smaller is not compared
SEARCH = 0.7  # the part of the work that finds the candidates

# Why no near twins are told.
TOO_SMALL = (
    f"images of less than {SMALLEST} × {SMALLEST} pixels show too little to be compared: near "
    "twins were not looked for"
)
TOO_PALE = (
    "fewer than two different images have enough contrast to be compared: near twins were not "
    "looked for"
)
TOO_ALIKE = (
    "the images of this data set are so much alike that near twins cannot be told from them: only "
    "exact twins were found"
)


@dataclass(frozen=True)
class NearTwins:
    """Pairs of rows ``first`` < ``second`` with their scores, the best first.

    They include doubtful ones, which score less than ``threshold`` by up to `BELOW`; where it is
    None, no twins are told, for this ``reason``.
    """

    first: Rows
    second: Rows
    mirrored: NDArray[np.bool_]
    score: NDArray[np.float32]
    threshold: float | None
    reason: str = ""

    @property
    def twins(self) -> int:
        """How many pairs are twins: they come first."""
        if self.threshold is None:
            return 0
        return int((self.score >= self.threshold).sum())


def find_near(gallery: Gallery, rows: Rows, progress: Callable[[float], None]) -> NearTwins:
    """Return the near twins among these rows, whose images differ in some pixel.

    ``progress`` hears of the fraction done, 0–1.
    """
    if min(gallery.shape[:2]) < SMALLEST:
        return _nothing(TOO_SMALL)
    rows = _comparable(gallery, rows)
    if len(rows) < 2:
        return _nothing(TOO_PALE)
    pairs = find_candidates(gallery, rows, lambda part: progress(SEARCH * part))
    scores = [np.empty(0, np.float32)]
    # Pairs are sorted: where a batch holds hardly any twin, the later ones hold none.
    complete = len(pairs.first) == len(rows) * (len(rows) - 1)  # every pair is among them
    for start in range(0, len(pairs.first), BATCH):
        scores.append(_scores(gallery, pairs, slice(start, start + BATCH)))
        progress(SEARCH + (1 - SEARCH) * min(1.0, (start + BATCH) / len(pairs.first)))
        if (scores[-1] >= LOWEST).mean() < DRY:
            complete = True
            break
        if start + BATCH > len(rows) and _valley(np.concatenate(scores)) is None:
            break
    # Where twins never become rare among the most similar pairs, all images are alike.
    found = np.concatenate(scores)
    return _sorted(pairs, found, None if not complete else _valley(found))


def _nothing(reason: str) -> NearTwins:
    none = np.empty(0, np.intp)
    return NearTwins(none, none, np.empty(0, bool), np.empty(0, np.float32), None, reason)


def _comparable(gallery: Gallery, rows: Rows) -> Rows:
    """Return the rows whose images have enough contrast."""
    kept = [rows[:0]]
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        kept.append(part[gallery.reduced(part, SIDE).std(axis=(1, 2)) > CONTRAST])
    return np.concatenate(kept)


def _scores(gallery: Gallery, pairs: Candidates, part: slice) -> NDArray[np.float32]:
    """Return how alike the pairs are, each aligned from the move that fitted best."""
    first, second = (
        band(gallery.reduced(rows[part], SIDE)) for rows in (pairs.first, pairs.second)
    )
    turned = pairs.mirrored[part]
    second[turned] = mirrored(second[turned])
    moves = -np.asarray(MOVES, np.float32)[pairs.move[part]]
    start = Pose(np.ones(len(first), np.float32), moves[:, 0], moves[:, 1])
    return correlation(first, second, align(first, second, start))


def _sorted(pairs: Candidates, score: NDArray[np.float32], threshold: float | None) -> NearTwins:
    """Keep each pair once, in its better orientation, down to the doubtful ones."""
    order = np.argsort(-score, kind="stable")
    keys = np.stack([pairs.first[order], pairs.second[order]], axis=1)
    best = order[np.sort(np.unique(keys, axis=0, return_index=True)[1])]
    kept = best[score[best] >= (threshold or LOWEST) - BELOW]
    first, second, turned = pairs.first[kept], pairs.second[kept], pairs.mirrored[kept]
    reason = TOO_ALIKE if threshold is None else ""
    return NearTwins(first, second, turned, score[kept], threshold, reason)


def _valley(score: NDArray[np.float32]) -> float | None:
    """Return the lowest threshold from `LOWEST` on that stands in a valley of the scores.

    There at most half as many pairs lie in the band of the width `BELOW` under it as in the fullest
    such band above it: twins stand apart from what is merely alike. Where there is no valley, but
    nothing is as alike as copies are either, it is the next threshold; else None.
    """
    edges = np.linspace(LOWEST - BELOW, 1, round((1 - LOWEST + BELOW) / STEP) + 1)
    counts = np.histogram(np.minimum(score, 1), edges)[0]
    width = round(BELOW / STEP)
    bands = np.convolve(counts, np.ones(width, int), "valid")
    places = len(bands) - width
    for place in range(places):
        if 2 * bands[place] <= bands[place + width :].max():
            return round(LOWEST + place * STEP, 2)
    return None if counts[width + places :].any() else round(LOWEST + places * STEP, 2)
