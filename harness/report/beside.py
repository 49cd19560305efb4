"""Work that a second process does meanwhile, from what this one holds in memory."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

T = TypeVar("T")
TOKEN = 4  # Bytes of a part's number in the queue.


@contextmanager
def beside(work: Callable[[], T], *, worth: bool = True) -> Iterator[Callable[[], T]]:
    """Start the work in a copy of this process; what is given waits for its result, once.

    The copy (`os.fork`) shares the memory, so that nothing is loaded or sent but the result, which
    must be picklable. The work must touch neither a GPU nor torch. Where there is one core or no
    safe fork (elsewhere than on Linux), where it is not ``worth`` a process, and where the copy
    fails, the work is done here when it is waited for; so is what raises an exception.
    """
    if not worth or not _possible():
        yield work
        return
    with tempfile.TemporaryFile() as file:
        child, running = _start(work, file), True

        def wait() -> T:
            nonlocal running
            _, status = os.waitpid(child, 0)
            running = False
            if status:
                return work()
            file.seek(0)
            result: T = pickle.load(file)
            return result

        try:
            yield wait
        finally:
            if running:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


@contextmanager
def together(
    work: Callable[[Iterable[int]], None], count: int, *, worth: bool = True
) -> Iterator[Callable[[], None]]:
    """Start the work on numbers up to ``count`` in a copy of this process; what is given helps.

    It takes numbers as the copy does, which each are given once, and returns when all are done: so
    neither of the two waits for the other to do what it could do itself. As with `beside`, all is
    done here where there is no copy, and again where it fails.
    """
    if not worth or not _possible():
        yield lambda: work(range(count))
        return
    parts = _parts(count)
    queue, filled = os.pipe()
    os.write(filled, b"".join(number.to_bytes(TOKEN, "little") for number in range(len(parts))))
    os.close(filled)  # Whoever finds the queue empty is at its end.
    here = os.getpid()

    def taken() -> Iterator[int]:
        while token := os.read(queue, TOKEN):
            yield from parts[int.from_bytes(token, "little")]

    try:
        with beside(lambda: work(range(count) if os.getpid() == here else taken())) as wait:

            def help_and_wait() -> None:
                work(taken())
                wait()

            yield help_and_wait
    finally:
        os.close(queue)


def _parts(count: int) -> list[range]:
    """Part the numbers into as many as a pipe surely holds: 4096 bytes (POSIX asks for 512)."""
    size = -(-count // (4096 // TOKEN)) or 1
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def _possible() -> bool:
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _start(work: Callable[[], object], file: IO[bytes]) -> int:
    with warnings.catch_warnings():
        # Threads of numpy's BLAS are there, and hold nothing that the copy needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        gc.freeze()  # To look for garbage in what is shared would copy it.
        pickle.dump(work(), file, pickle.HIGHEST_PROTOCOL)
        file.flush()
        code = 0
    finally:
        # At once: what the first process opened is its own to close.
        os._exit(code)
