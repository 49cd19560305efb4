"""Rows of FER-2013's CSV files, parsed in blocks; a mistake is named by line and field."""

import math
from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from harness.data import published
from harness.data.arrays import Images
from harness.data.formats.csv_header import Columns
from harness.data.formats.pixels import Pixels, parse_exactly, parse_regular
from harness.errors import DataError

SPLITS = {usage.lower().encode(): split for split, usage in published.USAGES.items()}
LABELS = {str(label).encode(): label for label in range(len(published.CLASSES))}

# A row is its line in the file (the header is line 1) and its fields.
Row = tuple[int, list[bytes]]
# Of each row: the split, the label and the image.
Block = tuple[list[str], list[int], Images]


class RowParser:
    """Parses the lines after the header, block by block; the first row sets the images' size."""

    def __init__(self, where: str, columns: Columns) -> None:
        self.where = where
        self.columns = columns
        self.side = 0
        self.next_line = 2
        self.unended: int | None = None

    def parse(self, lines: Sequence[bytes]) -> list[Block]:
        """Parse whole lines; raises `DataError` for the first that is wrong."""
        rows = [
            (number, _fields(line))
            for number, line in enumerate(lines, self.next_line)
            if not line.isspace()
        ]
        self.next_line += len(lines)
        if not lines[-1].endswith(b"\n"):
            self.unended = self.next_line - 1
        if not rows:
            return []
        if self.side:
            return [self._quickly(rows) or self._exactly(rows)]
        first = self._exactly(rows[:1])
        return [first, self._quickly(rows[1:]) or self._exactly(rows[1:])] if rows[1:] else [first]

    def _quickly(self, rows: Sequence[Row]) -> Block | None:
        """Parse what is all regular; None leaves it to `_exactly` to say what is wrong, if any."""
        columns = self.columns
        if any(len(fields) != columns.width for _, fields in rows):
            return None
        labels = [LABELS.get(fields[columns.emotion], -1) for _, fields in rows]
        usages = self._usages(rows)
        if -1 in labels or "" in usages:
            return None
        pixels = parse_regular([fields[columns.pixels] for _, fields in rows], self.side**2)
        return None if pixels is None else (usages, labels, self._images(pixels))

    def _usages(self, rows: Sequence[Row]) -> list[str]:
        """Return the split of each row, all "train" without the column, "" for a wrong word."""
        if (column := self.columns.usage) is None:
            return ["train"] * len(rows)
        return [SPLITS.get(fields[column].lower(), "") for _, fields in rows]

    def _exactly(self, rows: Sequence[Row]) -> Block:
        labels, usages, pixels = [], [], []
        for line, fields in rows:
            if len(fields) != self.columns.width:
                self._fail(line, f"{self.columns.width} fields", f"{len(fields)}")
            labels.append(self._label(line, fields[self.columns.emotion]))
            usages.append(self._usage(line, fields))
            pixels.append(self._pixels(line, fields[self.columns.pixels]))
        return usages, labels, self._images(np.stack(pixels))

    def _label(self, line: int, text: bytes) -> int:
        if text not in LABELS:
            classes = ", ".join(f"{label} {name}" for label, name in enumerate(published.CLASSES))
            self._fail(line, f"an emotion from 0 to 6 ({classes})", _shown(text))
        return LABELS[text]

    def _usage(self, line: int, fields: list[bytes]) -> str:
        if (column := self.columns.usage) is None:
            return "train"
        if fields[column].lower() not in SPLITS:
            found = _shown(fields[column])
            self._fail(line, "Training, PublicTest or PrivateTest as Usage", found)
        return SPLITS[fields[column].lower()]

    def _pixels(self, line: int, text: bytes) -> Pixels:
        try:
            pixels = parse_exactly(text)
        except ValueError as error:
            self._fail(line, "whole numbers from 0 to 255 as pixels", str(error))
        side = self.side or math.isqrt(len(pixels))
        if not side or len(pixels) != side**2:
            expected = f"{side**2} pixels ({side} × {side}, as in the rows before)"
            square = "a square number of pixels (in FER-2013 2304, that is 48 × 48)"
            self._fail(line, expected if self.side else square, f"{len(pixels)}")
        self.side = side
        return pixels

    def _images(self, pixels: Pixels) -> Images:
        return pixels.reshape(-1, self.side, self.side)

    def _fail(self, line: int, expected: str, found: str) -> NoReturn:
        advice = (
            "the file ends within this line, so it may be cut off: fetch it again"
            if line == self.unended
            else "correct or remove the line, or fetch the file again"
        )
        raise DataError(f"{self.where}, line {line}: expected {expected}, found {found}; {advice}")


def _fields(line: bytes) -> list[bytes]:
    """Split at commas; FER-2013 has none within quotes."""
    fields = [field.strip() for field in line.split(b",")]
    if b'"' in line:
        fields = [field.strip(b'"').strip() for field in fields]
    return fields


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("utf-8", "replace")) if text else "nothing"
