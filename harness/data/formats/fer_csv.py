"""Reads FER-2013's CSV files: a row is an emotion, its pixels and the split that uses it."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.data import published
from harness.data.arrays import SPLITS, Images, Labels, count_classes
from harness.data.formats.csv_header import LONGEST_HEADER, read_columns
from harness.data.formats.fer_rows import RowParser
from harness.data.formats.reader import Prepared, Progress
from harness.errors import DataError
from harness.schema import Source

BLOCK = 1 << 20  # bytes read at a time: the working copies stay in the processor's cache
USAGES = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}


@dataclass
class Gathered:
    """What was read so far: blocks of images and labels of each split."""

    images: dict[str, list[Images]] = field(default_factory=lambda: {name: [] for name in SPLITS})
    labels: dict[str, list[Labels]] = field(default_factory=lambda: {name: [] for name in SPLITS})

    def add(self, usages: list[str], labels: list[int], images: Images) -> None:
        """Deal a block out to the splits, keeping the order of rows."""
        of_row = np.array(usages)
        for split in set(usages):
            chosen = of_row == split
            self.images[split].append(images if chosen.all() else images[chosen])
            self.labels[split].append(np.array(labels, np.int64)[chosen])

    def joined(self, split: str) -> tuple[Images, Labels]:
        """Return one split, giving up its blocks."""
        return np.concatenate(self.images.pop(split)), np.concatenate(self.labels.pop(split))


class FerCsv:
    """Reads ``fer2013.csv`` and ``icml_face_data.csv``, whatever the order of columns and rows."""

    summary = "fer2013.csv or icml_face_data.csv (columns emotion, pixels, Usage)"

    def recognises(self, path: Path) -> bool:
        """Whether the file is named like a CSV file."""
        return path.is_file() and path.suffix.lower() == ".csv"

    def read(self, path: Path, progress: Progress) -> Prepared:
        """Read all rows, parting them by their usage."""
        digest = hashlib.sha256()
        gathered = Gathered()
        try:
            size = path.stat().st_size
            with path.open("rb", buffering=BLOCK) as file:
                header = file.readline(LONGEST_HEADER)
                digest.update(header)
                parser = RowParser(path, read_columns(header, path))
                while lines := file.readlines(BLOCK):
                    for line in lines:
                        digest.update(line)
                    for block in parser.parse(lines):
                        gathered.add(*block)
                    progress(file.tell(), size)
        except OSError as error:
            raise DataError(
                f"cannot read {path} ({error.strerror}); see that it is readable"
            ) from error
        return _prepared(path, gathered, digest.hexdigest())


def _prepared(path: Path, gathered: Gathered, sha256: str) -> Prepared:
    for split, usage in USAGES.items():
        if not gathered.labels[split]:
            raise DataError(
                f"{path.name} has no row whose Usage is {usage}, expected rows of all three "
                f"({', '.join(USAGES.values())}); it may be cut off: fetch it again"
            )
    arrays = {split: gathered.joined(split) for split in SPLITS}
    counts = {split: count_classes(arrays[split][1], published.CLASSES) for split in SPLITS}
    return Prepared(
        arrays,
        published.CLASSES,
        Source(name=path.name, form="fer2013-csv", sha256=sha256),
        published.differences(counts),
    )
