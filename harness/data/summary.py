"""What a data set holds, in numbers: counts, size, brightness, blank images, source."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.data.arrays import SPLITS, Images, blank, count_classes
from harness.data.moments import CHUNK
from harness.data.splits import Splits
from harness.data.writing import MANIFEST
from harness.schema import Manifest


@dataclass(frozen=True)
class Summary:
    """``mean`` and ``std`` are fractions of 255, one a channel; a blank image has one colour.

    ``source`` and ``votes`` are what the manifest says of where images and votes came from.
    """

    name: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    class_counts: dict[str, tuple[int, ...]]
    height: int
    width: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    blank: dict[str, int]
    source: dict[str, Any] | None
    fingerprint: str
    synthetic: bool
    warnings: tuple[str, ...]
    votes: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, for JSON."""
        return asdict(self)


def summarise(folder: Path, splits: Splits) -> Summary:
    """Look at every image of the data set that was opened from ``folder``."""
    path = folder / MANIFEST
    manifest = Manifest.model_validate_json(path.read_bytes()) if path.is_file() else None
    parts = {split: getattr(splits, split) for split in SPLITS}
    channels, height, width = splits.input_shape
    return Summary(
        name=splits.name,
        classes=splits.classes,
        counts=splits.counts,
        class_counts={s: count_classes(part.labels, splits.classes) for s, part in parts.items()},
        height=height,
        width=width,
        channels=channels,
        mean=splits.mean,
        std=splits.std,
        blank={split: count_blank(part.images) for split, part in parts.items()},
        source=manifest.source.model_dump() if manifest else None,
        fingerprint=splits.fingerprint,
        synthetic=splits.synthetic,
        warnings=splits.warnings,
        votes=manifest.votes.model_dump() if manifest and manifest.votes else None,
        notes=manifest.notes if manifest else (),
    )


def count_blank(images: Images) -> int:
    """Count the images whose pixels are all alike, in every channel for itself."""
    step = max(1, CHUNK // int(np.prod(images.shape[1:])))
    found = 0
    for start in range(0, len(images), step):
        found += int(blank(images[start : start + step]).sum())
    return found
