"""What a stranger's code raised, as one line that every document can hold."""

import contextlib

from pydantic import ValidationError

from harness.errors import HarnessError
from harness.schema import explain


def reason_of(error: BaseException) -> str:
    """Put an exception into one line; the harness's own need no class name."""
    text = explain(error) if isinstance(error, ValidationError) else _text(error)
    # Half a character, as from a file's name that is no UTF-8, stands in no document.
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    if isinstance(error, HarnessError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text(error: BaseException) -> str:
    # That of a stranger's class may raise as well.
    with contextlib.suppress(Exception):
        return str(error)
    return ""
