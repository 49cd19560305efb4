"""The first line of a CSV file of images: which column is where, or why the file is no such CSV."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from harness.errors import DataError

LONGEST_HEADER = 1 << 16
# How files begin that are often named .csv by mistake, what they are, and what to do.
IMPOSTORS = (
    (b"\x1f\x8b", "compressed by gzip", "unpack it by gunzip"),
    (b"PK\x03\x04", "a zip archive", "unpack it"),
    (BOM_UTF16_LE, "text in UTF-16", "save it as UTF-8"),
    (BOM_UTF16_BE, "text in UTF-16", "save it as UTF-8"),
    (b"<", "a web page", "download the file itself (this may need a login)"),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself by `git lfs pull`"),
)
NAMES = ("emotion", "pixels", "Usage")


@dataclass(frozen=True)
class Columns:
    """Positions of the columns in a row of ``width`` fields; ``usage`` may be missing."""

    emotion: int
    pixels: int
    usage: int | None
    width: int


def column_names(line: bytes) -> list[str]:
    """Return the names in the first line in lower case, without quotes and blanks."""
    # Lines that end in CR alone are one to whoever reads lines.
    text = line.removeprefix(BOM_UTF8).partition(b"\r")[0].decode("utf-8", "replace")
    return [name.strip().strip('"').strip().lower() for name in text.split(",")]


def read_columns(line: bytes, where: str) -> Columns:
    """Find the columns by their names in the first line, whatever blanks and case."""
    refuse_impostor(line, where)
    if not line.strip():
        found = "is empty" if not line else "begins with an empty line"
        raise DataError(f"{where} {found}, expected the columns emotion, pixels and Usage")
    if b"\r" in line.rstrip(b"\r\n"):
        raise DataError(
            f"{where}: its lines end in CR alone, as old Macintosh systems wrote them, expected LF "
            "or CR LF; save it again with these"
        )
    names = column_names(line)
    missing = [name for name in NAMES if name.lower() not in names]
    twice = [name for name in NAMES if names.count(name.lower()) > 1]
    if twice:
        raise DataError(
            f"{where}, line 1: the column {twice[0]} stands there "
            f"{names.count(twice[0].lower())} times, expected once, found {_shown(line)}; remove "
            "what is not meant"
        )
    if missing == ["Usage"]:
        return Columns(names.index("emotion"), names.index("pixels"), None, len(names))
    if missing:
        raise DataError(
            f"{where}, line 1: no column {' and none '.join(missing)}, expected emotion, "
            f"pixels and Usage, found {_shown(line)}; {_advice(missing)}"
        )
    return Columns(
        emotion=names.index("emotion"),
        pixels=names.index("pixels"),
        usage=names.index("usage"),
        width=len(names),
    )


def refuse_impostor(line: bytes, where: str) -> None:
    """Raise `DataError` where a file that begins with ``line`` is no text in columns."""
    for start, kind, advice in IMPOSTORS:
        if line.startswith(start):
            raise DataError(f"{where} is {kind}, expected a CSV file in plain text; {advice}")
    if b"\0" in line:
        raise DataError(
            f"{where} is a binary file, expected a CSV file in plain text; give the CSV file"
        )


def _advice(missing: list[str]) -> str:
    if missing == ["emotion", "Usage"]:
        return "these images have no labels: give train.csv or fer2013.csv"
    return "give a file with these three columns"


def _shown(header: bytes) -> str:
    text = header.removeprefix(BOM_UTF8).decode("utf-8", "replace").strip()
    return repr(text if len(text) <= 60 else text[:60] + "…")
