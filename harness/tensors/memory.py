"""Freed memory is kept for the next batch, and not given back to the system in between."""

import ctypes
import os
import sys

# Of <malloc.h>, and what mallopt(3) says of these values: never trim, never map.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER_TRIM, NO_MAPS = -1, 0
USERS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_")


def keep_freed_memory() -> bool:
    """Let glibc's allocator keep what tensors have freed; return whether it does.

    It maps what is large anew each time, and unmaps it when it is freed. A training step frees all
    its activations and asks for the same again, so that the system has to find and clear some ten
    thousand pages a step. Kept, they cost nothing, and the process grows no further than its
    largest step. False where the C library is another one, and where the user's environment has
    settings of malloc, which then hold.
    """
    if sys.platform != "linux" or "glibc.malloc." in os.environ.get("GLIBC_TUNABLES", ""):
        return False
    if any(name in os.environ for name in USERS):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none.
    if mallopt is None:
        return False
    return bool(mallopt(M_TRIM_THRESHOLD, NEVER_TRIM)) and bool(mallopt(M_MMAP_MAX, NO_MAPS))
