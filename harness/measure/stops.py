"""How often this process was stopped and went on (Ctrl-Z, fg): what was timed meanwhile is void."""

import signal
import sys
import threading

_count = 0


def watch_stops() -> None:
    """Count from now on; POSIX and the main thread only, since nobody else hears of it."""
    if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGCONT, _went_on)


def stops() -> int:
    """Return how often the process went on since it is counted."""
    return _count


def _went_on(*_: object) -> None:
    global _count
    _count += 1
