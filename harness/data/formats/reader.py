"""What a reader of some form of data is, and what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.data.arrays import Images, Labels
from harness.schema import Source

# Called with (bytes read, bytes in all), often enough for a progress bar.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Prepared:
    """What a reader makes of a source: images and labels of each split, in the source's order.

    ``warnings`` say in what the data differs from what its form promises.
    """

    arrays: Mapping[str, tuple[Images, Labels]]
    classes: tuple[str, ...]
    source: Source
    warnings: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads one form; ``summary`` says in a few words which."""

    @property
    def summary(self) -> str: ...  # noqa: D102 - described by the class

    def recognises(self, path: Path) -> bool:
        """Whether ``path`` is meant to be of this form, be it damaged or not."""
        ...

    def read(self, path: Path, progress: Progress) -> Prepared:
        """Read all of it; raises `DataError` naming the place of the first mistake."""
        ...
