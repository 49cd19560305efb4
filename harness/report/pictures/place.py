"""Places for the names of points, where they cover neither each other nor a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.report.pictures.svg import SIZE, width_of


@dataclass(frozen=True)
class Area:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        """Whether the two have more than an edge in common."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def within(self, other: Area) -> bool:
        """Whether this one lies in the other."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


def place(
    points: Sequence[tuple[float, float]], texts: Sequence[str], taken: Sequence[Area], bounds: Area
) -> list[Area | None]:
    """Return an area for the text of each point; None where there is no free one near it."""
    filled, found = list(taken), list[Area | None]()
    for point, text in zip(points, texts, strict=True):
        free = (
            area
            for area in _candidates(*point, width_of(text) + 2)
            if area.within(bounds) and not any(area.meets(other) for other in filled)
        )
        area = next(free, None)
        found.append(area)
        filled += [area] if area else []
    return found


def _candidates(x: float, y: float, width: float) -> Iterator[Area]:
    """Yield places around a point, the nearest first."""
    height = SIZE + 2
    for gap in (9.0, 16.0, 26.0):
        for rise in (-0.5, -1.1, 0.1):
            top = y + rise * height
            yield Area(x + gap, top, x + gap + width, top + height)
            yield Area(x - gap - width, top, x - gap, top + height)
        for top in (y - gap - height, y + gap):
            yield Area(x - width / 2, top, x + width / 2, top + height)
