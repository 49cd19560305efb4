"""Ctrl-Z pauses what children compute along with this process; `fg` lets all of it go on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator


class Pauses:
    """The children that pause with this process, and a clock that stands meanwhile.

    A child that leads a session of its own does not hear the terminal's Ctrl-Z: without this, the
    shell would be back and the machine as busy as before.
    """

    def __init__(self) -> None:
        self._leaders: set[int] = set()
        self._paused = 0.0

    def now(self) -> float:
        """Return the seconds of a clock that stands while all is paused."""
        return time.monotonic() - self._paused

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
        start = time.monotonic()
        self._send(signal.SIGSTOP)
        # Stops here, whatever handler there is, until the shell continues it.
        os.kill(os.getpid(), signal.SIGSTOP)
        self._paused += time.monotonic() - start
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        for leader in tuple(self._leaders):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, number)
