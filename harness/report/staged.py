"""Files that are all made before the first of them stands in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def staged(folder: Path, parts: Iterable[str]) -> Iterator[Path]:
    """Give a hidden folder with these ``parts`` in it, to fill with what `put` then puts in place.

    It lies within ``folder``, since a rename is for one file system. At the end it goes, and after
    an error the folders that were made for it, too.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(prefix=".new-", dir=folder) as name:
            for part in parts:
                (Path(name) / part).mkdir()
            yield Path(name)
    except BaseException:
        with suppress(OSError):  # What holds a file stays.
            for path in made:
                path.rmdir()
        raise


def put(new: Path, folder: Path, names: Iterable[str]) -> None:
    """Move files from the hidden folder to where they belong, in this order.

    A reader sees the earlier file or the new one, never half of it.
    """
    for name in names:
        (new / name).replace(folder / name)
