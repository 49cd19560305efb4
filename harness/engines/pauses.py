"""Ctrl-Z pauses what children compute along with this process; `fg` lets all of it go on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

# What may end this process while it is paused: its children must then not stay as they are.
ENDINGS = ("SIGTERM", "SIGHUP")


class Pauses:
    """The children that pause with this process, and a clock that stands meanwhile.

    A child that leads a session of its own does not hear the terminal's Ctrl-Z: without this, the
    shell would be back and the machine as busy as before. What kills this process outright while
    it is paused (SIGKILL) leaves the children paused.
    """

    def __init__(self) -> None:
        self._leaders: set[int] = set()
        self._paused = 0.0
        self._since: float | None = None

    def now(self) -> float:
        """Return the seconds of a clock that stands while all is paused."""
        since = self._since  # Another thread may go on before the pause is reckoned.
        return (time.monotonic() if since is None else since) - self._paused

    @contextlib.contextmanager
    def child(self, leader: int) -> Iterator[None]:
        """Let the process group of this leader take part until the context is left."""
        self._leaders.add(leader)
        try:
            yield
        finally:
            self._leaders.discard(leader)

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Pause the children when the terminal pauses this process (POSIX, main thread)."""
        if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
            yield
            return
        earlier = signal.signal(signal.SIGTSTP, lambda *_: self._pause())
        try:
            yield
        finally:
            signal.signal(signal.SIGTSTP, earlier)

    def _pause(self) -> None:
        self._since = time.monotonic()
        with _endings_put_off():
            try:
                self._send(signal.SIGSTOP)
                _stop()
            finally:
                self._paused += time.monotonic() - self._since
                self._since = None
                # A child that goes on sees when its parent has ended, and ends as well.
                self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        for leader in tuple(self._leaders):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, number)


def _stop() -> None:
    """Do what the system does at Ctrl-Z: nothing, where no shell is there to continue this."""
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)


@contextlib.contextmanager
def _endings_put_off() -> Iterator[None]:
    """Let what would end this process wait until the context is left."""
    came: list[int] = []
    numbers = [getattr(signal, name) for name in ENDINGS]
    earlier = {n: signal.signal(n, lambda number, _: came.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
