"""A finished run is judged again by another audit, from its predictions alone."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from harness.data.audit.clean import CLEAN_TEST, indices_sha256
from harness.errors import DataError, StoreError
from harness.evaluate.assess import assess
from harness.execute.records import make_run
from harness.runner.reassess import outdated, reassess
from harness.schema import AuditCard
from harness.store import Store


def card_of(clean, version=1):
    digest = indices_sha256(np.asarray(clean))
    return AuditCard(version=version, clean_sha256=digest, clean=len(clean), exact=1, near=2)


@pytest.fixture
def finished(make_specs, tmp_path):
    """A finished run of random predictions, judged without an audit; and one of its data."""
    [spec] = make_specs("convnet")
    store, random = Store(Path(spec.store)), np.random.default_rng(0)
    predictions = {}
    for split, count in (("valid", 33), ("test", 45)):
        predictions[f"{split}_probabilities"] = random.dirichlet(np.ones(3), count)
        predictions[f"{split}_labels"] = np.arange(count) % 3
    quality = assess(predictions, spec.dataset.classes)
    record = make_run(spec, "done", train=quality["valid"], **quality)
    folder = store.save(record)
    np.savez(folder / "predictions.npz", **predictions)
    clean = np.array([0, 2, 3, 7, 20, 21, 44])
    np.save(tmp_path / CLEAN_TEST, clean)
    audited = spec.model_copy(update={"audit": card_of(clean), "audited": str(tmp_path)})
    return audited, record, store, predictions, clean


def test_the_clean_test_is_judged_from_the_predictions(finished):
    spec, record, store, predictions, clean = finished
    again = reassess(spec, record, store)
    predicted = predictions["test_probabilities"][clean].argmax(1)
    assert again.test_clean.n == len(clean)
    assert again.test_clean.accuracy == accuracy_score(predictions["test_labels"][clean], predicted)
    assert again.audit == spec.audit
    assert store.find(spec) == again


def test_what_the_audit_does_not_touch_stays(finished):
    spec, record, store, *_ = finished
    again = reassess(spec, record, store)
    assert again.train == record.train
    changed = {"audit": None, "test_clean": None}
    assert again.model_copy(update=changed) == record


def test_a_record_that_another_process_made_meanwhile_is_not_overwritten(finished):
    spec, record, store, *_ = finished
    newer = record.model_copy(update={"finished_at": "2030-01-01T00:00:00+00:00"})
    store.save(newer)
    again = reassess(spec, record, store)
    assert (again.finished_at, again.audit) == (newer.finished_at, spec.audit)
    judged = again.model_copy(update={"finished_at": "2031-01-01T00:00:00+00:00"})
    store.save(judged)
    assert reassess(spec, record, store) == judged


def test_a_clean_test_without_images_leaves_none(finished):
    spec, record, store, *_ = finished
    before = reassess(spec, record, store)
    np.save(Path(spec.audited) / CLEAN_TEST, np.array([], np.int64))
    empty = spec.model_copy(update={"audit": card_of([])})
    after = reassess(empty, before, store)
    assert before.test_clean is not None
    assert after.test_clean is None


def test_a_run_is_outdated_if_it_is_done_and_its_audit_is_another(finished):
    spec, record, *_ = finished
    assert outdated(spec, record)
    assert outdated(spec, record.model_copy(update={"audit": card_of([1], version=2)}))
    assert not outdated(spec, record.model_copy(update={"audit": spec.audit}))
    assert not outdated(spec, record.model_copy(update={"status": "unsupported"}))
    assert not outdated(spec.model_copy(update={"audit": None}), record)


def test_without_an_audit_nothing_is_judged_again(finished):
    spec, record, store, *_ = finished
    assert reassess(spec.model_copy(update={"audit": None}), record, store) is record


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_predictions_that_cannot_be_read_leave_the_record(finished, content):
    spec, record, store, *_ = finished
    path = store.run_folder(record) / "predictions.npz"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=r"predictions\.npz cannot be read: .* --force"):
        reassess(spec, record, store)
    assert store.find(spec) == record


def test_clean_images_of_another_audit_are_refused(finished):
    spec, record, store, *_ = finished
    with pytest.raises(DataError, match="not the one that the audit wrote"):
        reassess(spec.model_copy(update={"audit": card_of([1, 2])}), record, store)
    assert store.find(spec) == record


def test_a_run_that_another_process_holds_is_not_judged_again(finished, monkeypatch):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    spec, record, store, *_ = finished
    with store.lock(record), pytest.raises(StoreError, match="another process"):
        reassess(spec, record, store)
    assert store.find(spec) == record
