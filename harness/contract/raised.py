"""What a stranger's code raised, as one line that every document can hold."""

import contextlib

from pydantic import ValidationError

from harness.errors import HarnessError
from harness.schema import explain

# Characters of a reason: it stands in tables. torch lists every weight that a file lacks.
MOST = 500


def reason_of(error: BaseException) -> str:
    """Put an exception into one line, of a stranger's the beginning.

    The harness's own need no class name.
    """
    text = explain(error) if isinstance(error, ValidationError) else _text(error)
    # Half a character, as from a file's name that is no UTF-8, stands in no document.
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    if isinstance(error, HarnessError) and text:
        return text
    if len(text) > MOST:
        text = f"{text[:MOST].rpartition(' ')[0] or text[:MOST]} …"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text(error: BaseException) -> str:
    # That of a stranger's class may raise as well.
    with contextlib.suppress(Exception):
        return str(error)
    return ""
