"""Output as it is read: on a screen, in a file, or through a pipe that nobody reads any more."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from rich.console import Console

EMULATED = (
    "warning: this processor only emulates bfloat16, which takes many times as long as float32"
)


def is_screen(console: Console) -> bool:
    """Whether lines can be drawn again: with FORCE_COLOR rich takes a file for a terminal."""
    return console.is_terminal and console.file.isatty()


# What reports say beyond ASCII and Latin-1, where an encoding has no such sign.
PLAIN = {
    "−": "-",
    "…": "...",
    "≈": "~",
    "▲": "^",
    "▼": "v",
    "↑": "^",
    "↓": "v",
    "→": "->",
    "≥": ">=",
}


def speak_any_encoding() -> None:
    """Let output be read in any encoding: what a terminal or file cannot hold is put more plainly.

    Windows' code pages have no minus, and a report must not be lost for that.
    """
    codecs.register_error("plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # Only what writes asks for it.
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or _spelt(sign) for sign in signs), error.end


def _spelt(sign: str) -> str:
    # Half a character comes of a file's name, by which the user must find the file.
    return f"\\u{ord(sign):04x}" if "\ud800" <= sign <= "\udfff" else "?"


@contextmanager
def steadfast() -> Iterator[None]:
    """Let what cannot be written go nowhere: ``| head`` reads no more, a disk is full.

    It would end the command, by click and by rich's console: for those that have work to do.
    """
    out, err = (cast(TextIO, _Steadfast(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


class _Steadfast:
    """A stream of text that is the one it has, until that takes no more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            self._fall_silent()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._fall_silent()

    def _fall_silent(self) -> None:
        # In place of the pipe or file, and so for what the stream still holds, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
