"""Pairs of images that might be near twins: those with the most similar descriptors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harness.data.audit.descriptor import CELLS, Descriptor, cells_of, learn, mirrored, shifted
from harness.data.audit.descriptor import SAMPLE as LEARNED_FROM
from harness.data.audit.gallery import Gallery, Rows
from harness.data.audit.grids import SIDE, Matrix, reduced

CHUNK = 1024  # images at a time
BLOCK = (1024, 4096)  # descriptors against descriptors: small enough for the processor's cache
SAMPLE = 3000  # images whose pairs tell how alike images are
EACH = 12  # candidates for each image, on average
LEAST = 200_000  # candidates that are looked at in any case

# The first descriptor bears shifts of 3 pixels in 48. The second, sharper one tells by which of
# nine moves of 2 pixels a pair fits best.
COARSE, COARSE_SHIFT = 24, 3 / 48
FINE, FINE_SHIFT = 64, 1.2 / 48
MOVES = tuple((a * CELLS * 2 / 48, b * CELLS * 2 / 48) for a in (-1, 0, 1) for b in (-1, 0, 1))


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows ``first`` < ``second``, the most alike first.

    ``move`` is the number of the move in `MOVES` that brings the first closest to the second, to
    which it is then ``likeness`` alike (at most 1).
    """

    first: Rows
    second: Rows
    mirrored: NDArray[np.bool_]
    move: NDArray[np.int8]
    likeness: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return all parts as one, sorted."""
        every = {
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(cls)
        }
        order = np.argsort(-every["likeness"], kind="stable")
        return cls(**{name: values[order] for name, values in every.items()})


@dataclass(frozen=True)
class _Described:
    """The descriptors of all images in one orientation."""

    coarse: Matrix
    fine: Matrix


def find_candidates(gallery: Gallery, rows: Rows, progress: Callable[[float], None]) -> Candidates:
    """Return the most similar pairs of these rows, directly and mirrored.

    Every pair is compared by its coarse descriptors, in blocks; about `EACH` times as many pairs
    as there are images are kept. ``progress`` hears of the fraction done, 0–1.
    """
    random = np.random.default_rng(0)
    chosen = np.sort(random.choice(rows, min(LEARNED_FROM, len(rows)), replace=False))
    sample = reduced(gallery.take(chosen), SIDE)
    coarse = learn(sample, COARSE, COARSE_SHIFT, random)
    fine = learn(sample, FINE, FINE_SHIFT, random)
    described = _describe(gallery, rows, coarse, fine)
    least = _least_likeness(described[0].coarse, random)
    parts = []
    for start in range(0, len(rows), BLOCK[0]):
        block = rows[start : start + BLOCK[0]]
        moved = _moved(cells_of(reduced(gallery.take(block), SIDE)), fine)
        for turned, side in enumerate(described):
            found = _in_block(described[0].coarse, side.coarse, start, least)
            parts += [_refined(pair, moved, start, side.fine, bool(turned)) for pair in found]
        # The later blocks have fewer partners left.
        progress(1 - (1 - min(1.0, (start + BLOCK[0]) / len(rows))) ** 2)
    every = Candidates.joined(parts)
    return Candidates(
        rows[every.first], rows[every.second], every.mirrored, every.move, every.likeness
    )


def _describe(
    gallery: Gallery, rows: Rows, coarse: Descriptor, fine: Descriptor
) -> tuple[_Described, _Described]:
    """Return the descriptors of the images as they are, and mirrored."""
    kept: list[list[Matrix]] = [[], [], [], []]
    for start in range(0, len(rows), CHUNK):
        cells = cells_of(reduced(gallery.take(rows[start : start + CHUNK]), SIDE))
        turned = mirrored(cells)
        features = coarse.of(cells), fine.of(cells), coarse.of(turned), fine.of(turned)
        for part, feature in zip(kept, features, strict=True):
            part.append(feature)
    joined = [np.concatenate(part) for part in kept]
    return _Described(*joined[:2]), _Described(*joined[2:])


def _least_likeness(features: Matrix, random: np.random.Generator) -> float:
    """Return the likeness that about as many pairs exceed as are to be looked at."""
    count = len(features)
    pairs = count * (count - 1)  # each once as it is, and once mirrored
    wanted = max(EACH * count, LEAST)
    if wanted >= pairs:
        return -2.0
    chosen = features[random.choice(count, min(SAMPLE, count), replace=False)]
    likeness = (chosen @ chosen.T)[np.triu_indices(len(chosen), 1)]
    return float(np.quantile(likeness, 1 - wanted / pairs))


def _moved(cells: Matrix, fine: Descriptor) -> Matrix:
    """Return the fine descriptors ``(n, moves, dimensions)`` of the images after each move."""
    return np.stack([fine.of(shifted(cells, *move)) for move in MOVES], axis=1)


def _in_block(
    features: Matrix, others: Matrix, start: int, least: float
) -> Iterator[tuple[Rows, Rows]]:
    """Give the pairs of one block of images with all later ones, first < second."""
    height, width = BLOCK
    own = features[start : start + height]
    room = np.empty((len(own), width), np.float32)
    for begin in range(start, len(others), width):
        part = others[begin : begin + width]
        likeness = room[:, : len(part)] if len(part) < width else room
        np.matmul(own, part.T, out=likeness)
        place = np.flatnonzero(likeness > least)
        first, second = np.divmod(place, len(part))
        first, second = first + start, second + begin
        once = first < second
        yield first[once], second[once]


def _refined(
    pair: tuple[Rows, Rows], moved: Matrix, start: int, fine: Matrix, turned: bool
) -> Candidates:
    """Return the pairs with the move that fits best, and how well."""
    first, second = pair
    likeness = np.empty(len(first), np.float32)
    move = np.empty(len(first), np.int8)
    for begin in range(0, len(first), BLOCK[1]):
        part = slice(begin, begin + BLOCK[1])
        products = np.einsum("nmd,nd->nm", moved[first[part] - start], fine[second[part]])
        move[part] = products.argmax(axis=1)
        likeness[part] = products.max(axis=1)
    return Candidates(first, second, np.full(len(first), turned), move, likeness)
