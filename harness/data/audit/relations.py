"""Who is a twin of whom: in which splits each image has one, and which form a group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.audit.gallery import Gallery, Rows
from harness.data.audit.near import NearTwins


@dataclass(frozen=True)
class Relations:
    """Twins of all rows of a gallery.

    ``alike`` is for each row the first with the very same pixels; ``near`` joins such first rows,
    each of which stands for all its exact twins.
    """

    gallery: Gallery
    alike: Rows
    near: NearTwins

    def exact_in(self) -> NDArray[np.bool_]:
        """Return ``(N, 3)``: whether each row has an exact twin, not itself, in each split."""
        own = np.eye(3, dtype=np.int64)[self.gallery.split_of]
        return (self._held()[self.alike] - own) > 0

    def near_in(self) -> NDArray[np.bool_]:
        """Return ``(N, 3)``: whether each row has a near twin, but no exact one, in each split."""
        held = self._held() > 0
        found = np.zeros_like(held)
        first, second = self._edges()
        np.logical_or.at(found, first, held[second])
        np.logical_or.at(found, second, held[first])
        return found[self.alike] & ~self.exact_in()

    def exact_groups(self) -> list[Rows]:
        """Return the rows of each group of exact twins."""
        return _groups(self.alike)

    def near_groups(self) -> list[Rows]:
        """Return the rows of each group that near twins join, exact ones among them."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        count = len(self.gallery)
        first, second = self._edges()
        ends = np.concatenate([first, np.arange(count)]), np.concatenate([second, self.alike])
        graph = coo_array((np.ones(len(ends[0]), bool), ends), shape=(count, count))
        groups = connected_components(graph, directed=False)[1]
        joined = np.isin(groups, groups[first])
        return _groups(np.where(joined, groups, -1))

    def _held(self) -> NDArray[np.int64]:
        """Return ``(N, 3)``: how many exact twins each first row has in each split, with itself."""
        held = np.zeros((len(self.gallery), 3), np.int64)
        np.add.at(held, (self.alike, self.gallery.split_of), 1)
        return held

    def _edges(self) -> tuple[Rows, Rows]:
        return self.near.first[: self.near.twins], self.near.second[: self.near.twins]


def _groups(numbers: Rows) -> list[Rows]:
    """Return the rows of each number from 0 that more than one row has, in order."""
    order = np.argsort(numbers, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    found = [part for part in parts if len(part) > 1 and numbers[part[0]] >= 0]
    return sorted(found, key=lambda part: int(part[0]))
