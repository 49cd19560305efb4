"""Names of files as texts that every document can hold."""

from pathlib import Path


def printable(name: str) -> str:
    r"""Return a name with a byte that is no UTF-8, of older systems, as ``\xe9``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def no_text(path: Path) -> str:
    """Return a path that records cannot name, since it is no UTF-8; an empty text for others.

    The folders above it count as well; it is shown as it was given, if that is what is wrong.
    """
    shown = ((printable(str(one)), str(one)) for one in (path, path.absolute()))
    return next((name for name, given in shown if name != given), "")
