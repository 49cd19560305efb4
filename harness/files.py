"""A file is written at once or not at all, and what has been written outlasts a power cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4


@contextmanager
def whole(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a hidden path beside ``path``, to write to; at the end it takes the place of ``path``.

    A reader sees the earlier file or the new one, never half of it; after an error the earlier one
    is there as it was. Two processes that write the same file do not meet. What took the place is
    on the disk if it is to be ``durable``: without that, a power cut may leave the new name with
    nothing in it.
    """
    # Numbers of processes are no names: two containers that share a folder may have the same.
    hidden = path.with_name(f".{path.name}-{uuid4().hex[:8]}.tmp")
    try:
        yield hidden
        if durable:
            with hidden.open("rb+") as file:
                sync(file)
        hidden.replace(path)
        if durable:
            _sync_name(path.parent)
    finally:
        hidden.unlink(missing_ok=True)


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write ``content`` to ``path``, at once or not at all."""
    with whole(path, durable=durable) as hidden:
        hidden.write_bytes(content)


def sync(file: IO[Any]) -> None:
    """Wait until what was written to an open file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _sync_name(folder: Path) -> None:
    # Windows opens no folders, and some network file systems cannot do this for one.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
