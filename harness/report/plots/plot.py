"""One finished plot: its file's name, what it shows in words, and its PNG."""

from __future__ import annotations

from dataclasses import dataclass

DENSITY = 2  # Pixels of the image for each pixel on the page: crisp on dense screens.


@dataclass(frozen=True)
class Plot:
    """A PNG, with `DENSITY` pixels for each on the page; ``alt`` says in words what it shows."""

    name: str
    alt: str
    png: bytes
