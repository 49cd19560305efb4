"""Runs copied from one results folder into another: what a report is made from, and no more."""

import contextlib
import os
from pathlib import Path

from harness.documents import make_folder, read_document
from harness.errors import StoreError
from harness.files import whole
from harness.schema import RunRecord
from harness.schema.summary import RunSummary
from harness.store import FINAL, LOCK, Store, Warn, ignore

# What a report is made from. The record comes last: with it, a run is there.
PUBLISHED = ("predictions.npz", "epochs.jsonl", "robustness.json", "record.json")
# What belongs to the run in the other folder and to no other training of it.
ITS_OWN = ("checkpoint.pt", "model.safetensors", "train_predictions.npz", "log.txt")
# How messages name the other folder.
OPTION = "FOLDER"


def export_run(store: Store, folder: Path, other: Store, warn: Warn = ignore) -> bool:
    """Copy the run in ``folder`` and its speed to another store; return whether it was.

    Weights, checkpoint, log and what is predicted of the training images are not copied, and go
    there where the run was made otherwise than here. A run that is final there is not replaced by
    one that is not. ``warn`` hears of that, and of a speed that cannot be read. Raises `StoreError`
    where there is no such run, it cannot be written, or another process is making it, here or
    there.
    """
    record, source = store.record(folder), folder
    folder = other.run_folder(record)
    make_folder(folder, OPTION)
    # Where nobody has made the run, nobody is at it, and no file is left that says so.
    there = (folder / LOCK).exists()
    with (
        _lock_to_read(store, record),
        other.lock(record, option=OPTION) if there else contextlib.nullcontext(),
    ):
        record = store.record(source)  # Made again, perhaps, while it was waited for.
        earlier = read_document(folder / "record.json", RunSummary)
        if earlier and earlier.status in FINAL and record.status not in FINAL:
            warn(f"{folder} is {earlier.status} and the run here {record.status}: it stays")
            return False
        same = earlier is not None and _when(earlier) == _when(record)
        _copy(source, folder, stale=() if same else ITS_OWN)
    for speed in store.timings(record, warn):
        other.save_speed(speed, OPTION)
    return True


def _when(record: RunRecord | RunSummary) -> tuple[str, str]:
    return record.status, record.finished_at


def _lock_to_read(store: Store, record: RunRecord) -> contextlib.AbstractContextManager[None]:
    """Hold a run while it is read; where nobody here may write, there is nothing to hold."""
    lock = store.run_folder(record) / LOCK
    may = os.access(lock if lock.exists() else lock.parent, os.W_OK)
    return store.lock(record) if may else contextlib.nullcontext()


def _copy(source: Path, folder: Path, stale: tuple[str, ...]) -> None:
    """Copy what is published of a run, in place of an earlier copy, which stays until all is there.

    ``stale`` are further files that go. Killed in between, the copy is no run, and never one of
    parts of two.
    """
    try:
        with contextlib.ExitStack() as files:  # They take their places last in, first out.
            for name in reversed(PUBLISHED):
                if (source / name).is_file():
                    hidden = files.enter_context(whole(folder / name, durable=False))
                    hidden.write_bytes((source / name).read_bytes())
            for name in (*reversed(PUBLISHED), *stale):
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot copy {source} to {folder}: {error.strerror}") from error
