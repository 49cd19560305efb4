"""Output as it is read: on a screen, in a file, or through a pipe that nobody reads any more."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from rich.console import Console


def is_screen(console: Console) -> bool:
    """Whether lines can be drawn again: with FORCE_COLOR rich takes a file for a terminal."""
    return console.is_terminal and console.file.isatty()


@contextmanager
def steadfast() -> Iterator[None]:
    """Let what is written to a pipe that nobody reads any more, as by ``| head``, go nowhere.

    It would end the command, by click and by rich's console: for those that have files to write.
    """
    out, err = (cast(TextIO, _Steadfast(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


class _Steadfast:
    """A stream of text that is the one it has, but for its broken pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._fall_silent()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._fall_silent()

    def _fall_silent(self) -> None:
        # In place of the pipe, and so for what the stream still holds, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
