"""Work that a second process does meanwhile, from what this one holds in memory."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

T = TypeVar("T")


@contextmanager
def beside(work: Callable[[], T], *, worth: bool = True) -> Iterator[Callable[[], T]]:
    """Start the work in a copy of this process; what is given waits for its result, once.

    The copy (`os.fork`) shares the memory, so that nothing is loaded or sent but the result, which
    must be picklable. The work must touch neither a GPU nor torch. Where there is one core or no
    safe fork (elsewhere than on Linux), where it is not ``worth`` a process, and where the copy
    fails, the work is done here when it is waited for; so is what raises an exception.
    """
    if not worth or sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
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
