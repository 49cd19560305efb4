"""A picture written where the user asked for it, at once or not at all."""

from pathlib import Path

from harness.errors import RequestError
from harness.files import replace


def write_picture(out: Path, content: bytes, option: str) -> None:
    """Write ``content``. Raises `RequestError`, naming the ``option``, where that cannot be."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        replace(out, content)
    except OSError as error:
        raise RequestError(
            f"cannot write {out} ({error.strerror or error}); give another {option}"
        ) from error
