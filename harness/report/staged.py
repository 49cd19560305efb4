"""Files that are all made before the first of them stands in its place."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

HIDDEN = ".new-"
DAY = 24 * 3600.0


@contextmanager
def staged(folder: Path, parts: Iterable[str]) -> Iterator[Path]:
    """Give a hidden folder with these ``parts`` in it, to fill with what `put` then puts in place.

    It lies within ``folder``, since a rename is for one file system. At the end it goes, and after
    an error the folders that were made for it, too.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    try:
        with TemporaryDirectory(prefix=HIDDEN, dir=folder) as name:
            for part in parts:
                (Path(name) / part).mkdir()
            yield Path(name)
    except BaseException:
        with suppress(OSError):  # What holds a file stays.
            for path in made:
                path.rmdir()
        raise


def _sweep(folder: Path) -> None:
    """Remove what killed processes left: nobody works for a day on one report."""
    for left in folder.glob(f"{HIDDEN}*"):
        with suppress(OSError):  # Another process may be as quick.
            if time.time() - left.stat().st_mtime > DAY:
                shutil.rmtree(left)


def put(new: Path, folder: Path, names: Iterable[str]) -> None:
    """Move files from the hidden folder to where they belong, in this order.

    A reader sees the earlier file or the new one, never half of it.
    """
    for name in names:
        (new / name).replace(folder / name)
