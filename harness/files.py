"""A file is written at once or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a hidden path beside ``path``, to write to; at the end it takes the place of ``path``.

    A reader sees the earlier file or the new one, never half of it; after an error the earlier one
    is there as it was. Two processes that write the same file do not meet.
    """
    # Numbers of processes are no names: two containers that share a folder may have the same.
    hidden = path.with_name(f".{path.name}-{uuid4().hex[:8]}.tmp")
    try:
        yield hidden
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, at once or not at all."""
    with whole(path) as hidden:
        hidden.write_bytes(content)
