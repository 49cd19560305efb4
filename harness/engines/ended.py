"""How a run ended, saved by who watched it."""

import contextlib

from harness.errors import StoreError
from harness.schema import RunRecord, RunSpec
from harness.store import Store

# What a killed child had forked may hold its run for a moment longer.
LOCK_SECONDS = 1


def save_unless_finished(store: Store, spec: RunSpec, record: RunRecord) -> RunRecord:
    """Save how a run ended, unless it had saved its result and only the word of it came late.

    Where another process has the run by now, what lies there cannot be read, or nothing can be
    written, it is only returned.
    """
    with contextlib.suppress(StoreError), store.lock(spec, LOCK_SECONDS):
        if finished := store.finished(spec):
            return finished
        if not store.problem(spec):
            store.save(record)
    return record
