"""Documents as files: read and written, and what goes wrong with them in one sentence."""

import stat
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.errors import StoreError
from harness.files import replace
from harness.schema import Document, RunRecord, explain
from harness.schema.summary import RunSummary

D = TypeVar("D", bound=Document)


def read_document(path: Path, kind: type[D]) -> D | None:
    """Return what stands in a file, None where there is none.

    Raises `StoreError` where it cannot be read, or is no such document.
    """
    if not is_file(path):
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        # A summary is what is asked of a record.
        name = RunRecord.__name__ if kind is RunSummary else kind.__name__
        again = "its folder to run it again" if name == RunRecord.__name__ else "it to have it anew"
        raise StoreError(f"{path} is no {name}: {explain(error)}; remove {again}") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def complete_lines(path: Path) -> list[str]:
    """Return the lines of a file; a last one without an end was being written when power failed.

    Raises `StoreError` where the file cannot be read.
    """
    if not is_file(path):
        return []
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def is_file(path: Path) -> bool:
    """Whether there is such a file. Raises `StoreError` where its folder may not be entered."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Whether there is such a folder. Raises `StoreError` where that may not be known."""
    return stat.S_ISDIR(_mode(path))


def _mode(path: Path) -> int:
    """Return what the system says of a path, 0 where there is nothing.

    `Path.is_file` says the same of what is not there and, from Python 3.14 on, of what is closed.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def make_folder(folder: Path, option: str = "--results") -> None:
    """Create a folder. Raises `StoreError`, naming the ``option``, where that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(folder, error, option) from error


def not_writable(folder: Path, error: OSError, option: str = "--results") -> StoreError:
    """Return the error for a folder that cannot be written, and the option to choose another."""
    return StoreError(f"cannot write to {folder}: {error.strerror}; give another {option}")


def write_text(path: Path, text: str, option: str = "--results") -> None:
    """Write a file, its folder as well. Raises `StoreError` where that cannot be.

    A link stays one and its target is written; so are devices and pipes, which nothing can replace.
    """
    make_folder(path.parent, option)
    # Half a character comes of a file's name.
    content = text.encode(errors="backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            replace(path.resolve(), content)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
