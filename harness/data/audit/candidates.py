"""Pairs of images that might be near twins: those with the most similar descriptors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harness.data.audit.descriptor import Descriptor, cells_of, learn, mirrored, shifted
from harness.data.audit.gallery import Gallery, Rows
from harness.data.audit.grids import SIDE, Matrix

CHUNK = 1024  # images at a time
BLOCK = (1024, 4096)  # descriptors against descriptors: small enough for the processor's cache
LEARNED_FROM = 1500  # images
SAMPLE = 3000  # images whose pairs tell how alike images are
EACH = 12  # candidates for each image, on average
LEAST = 50_000  # candidates that are looked at in any case

# Each image is compared as it is and after four moves, so that shifts of up to 3 pixels in 48 along
# both axes leave at most 2.2 pixels between twins: that much the descriptor hardly heeds.
MOVE = 2 / 48  # of the side
MOVES = ((0.0, 0.0), *((down * MOVE, right * MOVE) for down in (-1, 1) for right in (-1, 1)))
SHIFT = 1.5 / 48  # of the side: what the descriptor learns to bear
DIMENSIONS = 48


@dataclass(frozen=True)
class Candidates:
    """Pairs of ``first`` < ``second``, the most alike first.

    After the move with the number ``move`` in `MOVES` the first comes closest to the second,
    to which it is then ``likeness`` alike (at most 1); ``mirrored`` says that the second has to be
    turned left to right.
    """

    first: Rows
    second: Rows
    mirrored: NDArray[np.bool_]
    move: NDArray[np.int8]
    likeness: NDArray[np.float32]

    def __getitem__(self, places: slice | NDArray[np.intp]) -> Self:
        return type(self)(*(getattr(self, item.name)[places] for item in fields(self)))

    @classmethod
    def best(cls, parts: list[Self]) -> Self:
        """Return all parts as one, each pair in each orientation once, by its best move."""
        every = cls(
            *(np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(cls))
        )
        if not len(every.first):
            return every  # Of images that are all alike, none is likelier than most.
        by_pair = np.lexsort((-every.likeness, every.mirrored, every.second, every.first))
        every = every[by_pair]
        same = [values[1:] == values[:-1] for values in (every.first, every.second, every.mirrored)]
        every = every[np.flatnonzero(np.concatenate([[True], ~np.logical_and.reduce(same)]))]
        return every[np.argsort(-every.likeness, kind="stable")]


def find_candidates(gallery: Gallery, rows: Rows, progress: Callable[[float], None]) -> Candidates:
    """Return the most similar pairs of these rows, directly and mirrored.

    Every pair is compared, in blocks; about `EACH` times as many as there are images are kept.
    ``progress`` hears of the fraction done, 0–1.
    """
    random = np.random.default_rng(0)
    chosen = np.sort(random.choice(rows, min(LEARNED_FROM, len(rows)), replace=False))
    descriptor = learn(gallery.reduced(chosen, SIDE), DIMENSIONS, SHIFT, random)
    plain, turned = _describe(gallery, rows, descriptor)
    parts: list[Candidates] = []
    least = _least_likeness(gallery, rows, descriptor, plain, random)
    for start in range(0, len(rows), BLOCK[0]):
        block = rows[start : start + BLOCK[0]]
        for number, own in enumerate(_moved(gallery, block, descriptor)):
            for side, others in ((False, plain), (True, turned)):
                parts += _in_block(own, others, start, least, side, number)
        # The later blocks have fewer partners left.
        progress(1 - (1 - min(1.0, (start + BLOCK[0]) / len(rows))) ** 2)
    every = Candidates.best(parts)
    return Candidates(
        rows[every.first], rows[every.second], every.mirrored, every.move, every.likeness
    )


def _describe(gallery: Gallery, rows: Rows, descriptor: Descriptor) -> tuple[Matrix, Matrix]:
    """Return the descriptors ``(n, dimensions)`` of the images as they are, and mirrored."""
    plain, turned = [], []
    for start in range(0, len(rows), CHUNK):
        cells = cells_of(gallery.reduced(rows[start : start + CHUNK], SIDE))
        plain.append(descriptor.of(cells))
        turned.append(descriptor.of(mirrored(cells)))
    return np.concatenate(plain), np.concatenate(turned)


def _moved(gallery: Gallery, rows: Rows, descriptor: Descriptor) -> list[Matrix]:
    """Return the descriptors ``(n, dimensions)`` of these images after each of `MOVES`."""
    cells = cells_of(gallery.reduced(rows, SIDE))
    return [descriptor.of(shifted(cells, down, right)) for down, right in MOVES]


def _least_likeness(
    gallery: Gallery,
    rows: Rows,
    descriptor: Descriptor,
    plain: Matrix,
    random: np.random.Generator,
) -> float:
    """Return the likeness that about as many pairs exceed as are to be looked at.

    Told from images all along the rows: those of one class, which folders put side by side, may be
    more alike than others.
    """
    count = len(rows)
    pairs = count * (count - 1)  # each once as it is, and once mirrored
    wanted = max(EACH * count, LEAST)
    if wanted >= pairs:
        return -2.0
    spread = np.unique(np.linspace(0, count - 1, BLOCK[0]).round().astype(np.intp))
    chosen = random.choice(count, min(SAMPLE, count), replace=False)
    moved = _moved(gallery, rows[spread], descriptor)
    likeness = np.max([own @ plain[chosen].T for own in moved], axis=0)
    others = spread[:, None] != chosen
    return float(np.quantile(likeness[others], 1 - wanted / pairs))


def _in_block(
    own: Matrix, others: Matrix, start: int, least: float, turned: bool, move: int
) -> Iterator[Candidates]:
    """Give the pairs of one block of images with all later ones."""
    width = BLOCK[1]
    room = np.empty((len(own), width), np.float32)
    for begin in range(start, len(others), width):
        part = others[begin : begin + width]
        likeness = room if len(part) == width else room[:, : len(part)].copy()
        np.matmul(own, part.T, out=likeness)
        place = np.flatnonzero(likeness > least)
        first, second = np.divmod(place, len(part))
        once = np.flatnonzero(first + start < second + begin)
        first, second = first[once], second[once]
        yield Candidates(
            first + start,
            second + begin,
            np.full(len(once), turned),
            np.full(len(once), move, np.int8),
            likeness[first, second],
        )
