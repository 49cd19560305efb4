"""Reads FER+'s ``fer2013new.csv``: the votes for each row of ``fer2013.csv``, in its order."""

from collections.abc import Sequence
from itertools import repeat
from pathlib import Path

import numpy as np

from harness.data import published
from harness.data.arrays import SPLITS
from harness.data.formats.csv_header import column_names, refuse_impostor
from harness.data.printable import printable
from harness.data.votes import Votes
from harness.data.writing import file_sha256
from harness.errors import DataError
from harness.schema import Source

# Barsoum et al. 2016, "Training deep networks for facial expression recognition with crowd-sourced
# label distribution" (arXiv:1608.01041), in the order of the file's columns.
CLASSES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
NAMES = (*CLASSES, "unknown", "NF")
OFFICIAL = "FER+'s own fer2013new.csv"


def read_table(path: Path) -> Votes:
    """Return the votes by split; the images' names, which FER+ numbers its own way, are not read.

    Raises `DataError` for the first row that is wrong, and unless there is a row for each row of
    ``fer2013.csv`` with its usage.
    """
    lines = _lines(path)
    columns = _columns(lines[0] if lines else "", path.name)
    usages, rows, numbers = [], [], []
    for number, line in enumerate(lines[1:], 2):
        # Without heed of quotes: one that is not closed would swallow the lines below it.
        fields = [field.strip().strip('"') for field in line.split(",")]
        if line:
            _check_width(fields, len(columns), path.name, number)
            usages.append(fields[columns.index("usage")].strip())
            rows.append(_votes(fields, columns, path.name, number))
            numbers.append(number)
    _check_usages(usages, numbers, path.name)
    ends = np.cumsum([sum(published.COUNTS[split]) for split in SPLITS])
    parts = np.split(np.array(rows, np.uint8), ends[:-1])
    source = Source(name=printable(path.name), form="ferplus", sha256=file_sha256(path))
    return Votes(NAMES, dict(zip(SPLITS, parts, strict=True)), source)


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot read {path} ({error.strerror or error}); give {OFFICIAL}"
        ) from error
    refuse_impostor(content[: 1 << 10], path.name)
    return content.decode("utf-8-sig", "replace").splitlines()


def _columns(line: str, where: str) -> list[str]:
    columns = column_names(line.encode())
    missing = [name for name in ("Usage", *NAMES) if name.lower() not in columns]
    if missing:
        raise DataError(
            f"{where}, line 1: no column {', '.join(missing)}, expected Usage and "
            f"{', '.join(NAMES)}; give {OFFICIAL}"
        )
    return columns


def _check_width(fields: Sequence[str], width: int, where: str, number: int) -> None:
    if len(fields) != width:
        raise DataError(
            f"{where}, line {number}: expected {width} fields, found {len(fields)}; fetch the file "
            "again"
        )


def _votes(fields: Sequence[str], columns: Sequence[str], where: str, number: int) -> list[int]:
    texts = [fields[columns.index(name.lower())].strip() for name in NAMES]
    for name, text in zip(NAMES, texts, strict=True):
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= 255):
            raise DataError(
                f"{where}, line {number}: expected a number of votes from 0 to 255 for {name}, "
                f"found {text[:40]!r}; fetch the file again"
            )
    return [int(text) for text in texts]


def _check_usages(usages: Sequence[str], numbers: Sequence[int], where: str) -> None:
    """Raise `DataError` unless the usages are those of ``fer2013.csv``, row by row."""
    expected = [
        usage
        for split, usage in published.USAGES.items()
        for usage in repeat(usage, sum(published.COUNTS[split]))
    ]
    found = {usage: usages.count(usage) for usage in published.USAGES.values()}
    if len(usages) != len(expected) or found != {u: expected.count(u) for u in found}:
        listed = ", ".join(f"{count} {usage}" for usage, count in found.items())
        wanted = ", ".join(f"{expected.count(usage)} {usage}" for usage in found)
        raise DataError(
            f"{where} has {len(usages)} rows ({listed}), expected {len(expected)} ({wanted}), one "
            f"for each row of fer2013.csv; give {OFFICIAL}"
        )
    for number, usage, right in zip(numbers, usages, expected, strict=True):
        if usage != right:
            raise DataError(
                f"{where}, line {number}: Usage is {usage}, expected {right} as in that row of "
                f"fer2013.csv; the rows were reordered: give {OFFICIAL}"
            )
