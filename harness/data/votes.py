"""How many annotators chose each class for each image of a data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.data.arrays import SPLITS, Unchecked
from harness.errors import DataError
from harness.schema import Source

FILES = tuple(f"{split}_votes.npy" for split in SPLITS)

VoteCounts = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Votes:
    """What annotators chose: ``counts`` by split, ``uint8 (N, names)``, a column for each name.

    ``names`` may be classes and other answers ("unknown"); ``source`` is where the votes came from,
    be it beside the images.
    """

    names: tuple[str, ...]
    counts: Mapping[str, VoteCounts]
    source: Source


def check_votes(name: str, votes: Unchecked, images: int, names: Sequence[str]) -> None:
    """Raise `DataError` unless ``votes`` has a row an image and a column a name."""
    if votes.shape != (images, len(names)):
        raise DataError(
            f"{name} has the shape {votes.shape}, expected {(images, len(names))}, a row for each "
            f"image and a column for each of {', '.join(names)}; prepare the data set again"
        )
    if votes.dtype != np.uint8:
        raise DataError(
            f"{name} holds {votes.dtype}, expected uint8, the number of votes; prepare the data "
            "set again"
        )
