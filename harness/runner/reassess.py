"""A finished run, assessed again by another audit of its data: no training, no torch."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from harness.data.audit import read_clean
from harness.errors import StoreError
from harness.evaluate.assess import assess
from harness.schema import RunRecord, RunSpec
from harness.store import Store

DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def outdated(spec: RunSpec, stored: RunRecord) -> bool:
    """Whether a finished run was judged by another audit of its data than there is now."""
    return stored.status == "done" and spec.audit is not None and stored.audit != spec.audit


def reassess(spec: RunSpec, stored: RunRecord, store: Store) -> RunRecord:
    """Judge a finished run by the audit in ``spec``; save its record and return it.

    All quality comes from the predictions that the run left, but that on the training split, which
    stays. Raises `StoreError` where they cannot be read, or another process has the run, and
    `DataError` where the clean test images cannot be read.
    """
    if spec.audit is None or spec.audited is None:
        return stored
    clean = read_clean(Path(spec.audited), spec.audit)
    path = store.run_folder(stored) / "predictions.npz"
    with store.lock(stored):
        try:
            # numpy leaves a damaged archive open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                predictions = {name: arrays[name] for name in arrays.files}
            quality = assess(predictions, stored.dataset.classes, clean)
        except DAMAGE as error:
            raise StoreError(
                f"{path} cannot be read, so its run cannot be judged by the audit of its data; "
                "--force makes it again"
            ) from error
        none = {"test_clean": None, "test_clean_tta": None}
        record = stored.model_copy(update={**none, **quality, "audit": spec.audit})
        store.save(record)
    return record
