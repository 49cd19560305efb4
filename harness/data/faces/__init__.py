"""`faces`: a synthetic data set of grey 48×48 faces with FER-2013's seven expressions.

The faces are drawn by code and say nothing about the recognition of real emotions; they are there
so that the harness can be tried, tested and timed without a download. ``docs/faces.md`` is the
data set's card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import DatasetPlugin, hookimpl

if TYPE_CHECKING:
    import numpy as np

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
VERSION = "1"


def load(
    size: int = 10_000, difficulty: float = 0.2, seed: int = 0
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draw ``size`` faces and return ``{"train", "valid", "test"}``: images and labels of each.

    Images are ``uint8 (N, 48, 48)``, labels ``int64 (N,)``; the same arguments give the same bytes.
    ``difficulty`` runs from 0 (posed studio portraits) to 1 (faint expressions, bad photographs,
    careless labels). Raises `RequestError` where an argument is out of its range.
    """
    from harness.data.faces.compose import compose  # numpy only when faces are drawn

    return compose(size, difficulty, seed)


@hookimpl
def harness_datasets() -> list[DatasetPlugin]:
    """Bring the data set ``faces``."""
    return [
        DatasetPlugin(
            name="faces",
            load=load,
            classes=CLASSES,
            version=VERSION,
            summary="synthetic 48×48 faces with seven expressions, drawn from facial action units",
            synthetic=True,
        )
    ]
