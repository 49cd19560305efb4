"""Whether there is anything at a path: a system may refuse to tell."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import DataError


def is_there(path: Path) -> bool:
    """Whether there is anything at ``path``; raises `DataError` where that must not be known."""
    with readable(path):
        try:
            return path.exists()
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
    return False


# What systems leave in folders and archives, in lower case.
JUNK = {".ds_store", "__macosx", "thumbs.db", "desktop.ini", "@eadir"}


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the system says in reading at ``path`` into a `DataError`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"cannot read {path} ({error.strerror or error}); see that it is readable"
        ) from error
