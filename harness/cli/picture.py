"""A picture written where the user asked for it, at once or not at all."""

import contextlib
import os
from pathlib import Path

from harness.errors import RequestError


def write_picture(out: Path, content: bytes, option: str) -> None:
    """Write ``content``. Raises `RequestError`, naming the ``option``, where that cannot be."""
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RequestError(
            f"cannot write {out} ({error.strerror or error}); give another {option}"
        ) from error
