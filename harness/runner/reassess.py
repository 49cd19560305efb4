"""A finished run, assessed again by another audit of its data: no training, no torch."""

from pathlib import Path

from harness.data.audit import read_clean
from harness.evaluate.assess import assess
from harness.evaluate.predictions import clean_mask, read_predictions, save_predictions
from harness.schema import RunRecord, RunSpec
from harness.store import Store


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
    folder = store.run_folder(stored)
    with store.lock(stored):
        # Hours may have passed since it was read, and another process may have made it again.
        stored = store.find(spec) or stored
        if not outdated(spec, stored):
            return stored
        predictions = read_predictions(folder)
        predictions["test_clean"] = clean_mask(clean, len(predictions["test_labels"]))
        quality = assess(predictions, stored.dataset.classes)
        save_predictions(folder, predictions)
        record = stored.model_copy(update={**quality, "audit": spec.audit})
        store.save(record)
    return record
