"""The forms in which users hold data: the first reader to recognise a path reads it."""

from pathlib import Path

from harness.data.formats.fer_csv import FerCsv
from harness.data.formats.reader import Reader
from harness.errors import DataError

READERS: tuple[Reader, ...] = (FerCsv(),)


def recognise(source: Path) -> Reader:
    """Return the reader for ``source``, or raise `DataError` with the forms that can be read."""
    forms = "; ".join(reader.summary for reader in READERS)
    if not source.exists():
        raise DataError(f"{source} does not exist, expected one of: {forms}")
    for reader in READERS:
        if reader.recognises(source):
            return reader
    found = "a folder" if source.is_dir() else f"a {source.suffix or 'nameless'} file"
    raise DataError(f"{source} is {found}, expected one of: {forms}")
