"""Places in the file system: whether anything is there, as far as the system tells, or its junk."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import DataError

# What systems leave in folders and archives, in lower case.
JUNK = {".ds_store", "__macosx", "thumbs.db", "desktop.ini", "@eadir"}


def is_there(path: Path) -> bool:
    """Whether there is anything at ``path``; raises `DataError` where that must not be known."""
    with readable(path):
        try:
            path.stat()  # `exists` says no, from Python 3.14 on, of what is closed.
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return False
    return True


def name_of(path: Path) -> str:
    """Return the last name of a path; of ``.`` and ``..`` that of the folder that they mean."""
    return Path(os.path.normpath(path.absolute())).name


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the system says in reading at ``path`` into a `DataError`."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"cannot read {path} ({error.strerror or error}); see that it is readable"
        ) from error
