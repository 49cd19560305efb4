"""Runs that differ by their views alone: trained once, evaluated each in its way."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from harness.documents import make_folder
from harness.execute import execute_run
from harness.runner.plan import reuse_weights
from harness.store import Store
from harness.train.checkpoint import Checkpoints

OPTIONS = ("epochs=2", "batch_size=32", "augment=none")


@pytest.fixture
def specs(make_specs, write_plugin, linear):
    """The plain run and the one with mirror images of one model."""
    path = write_plugin("lin", linear)
    return make_specs("lin", plugins=(path,), options=(*OPTIONS, "tta=none|flip"))


def execute(spec, events=None):
    listen = (lambda event: None) if events is None else events.append
    return execute_run(spec, listen, own_process=True)


def predictions(spec):
    return dict(np.load(Store(Path(spec.store)).run_folder(spec) / "predictions.npz"))


def test_views_are_saved_and_judged_beside_the_plain_predictions(specs):
    _, spec = specs
    record, arrays = execute(spec), predictions(spec)
    assert record.protocol.tta == "flip"
    for split in ("valid", "test"):
        for suffix in ("", "_tta"):
            found = getattr(record, split + suffix)
            predicted = arrays[f"{split}_probabilities{suffix}"].argmax(1)
            assert found.accuracy == accuracy_score(arrays[f"{split}_labels"], predicted)
    assert not np.array_equal(arrays["test_probabilities"], arrays["test_probabilities_tta"])


def test_a_plain_run_has_no_views(specs):
    record = execute(specs[0])
    assert (record.protocol.tta, record.valid_tta, record.test_tta) == ("none", None, None)
    assert "test_probabilities_tta" not in predictions(specs[0])


def test_the_epoch_is_chosen_without_views(specs):
    plain, flip = (execute(spec) for spec in specs)
    store = Store(Path(specs[0].store))
    for spec, record in zip(specs, (plain, flip), strict=True):
        best = max(store.epochs(spec), key=lambda epoch: epoch.valid_accuracy)
        assert record.selected_epoch == best.epoch
        assert record.valid.accuracy == pytest.approx(best.valid_accuracy)


def test_reused_weights_give_what_training_gives_to_the_bit(specs, tmp_path):
    plain, flip = specs
    trained, alone = execute(flip), predictions(flip)
    shutil.rmtree(Store(Path(flip.store)).run_folder(flip))
    first = execute(plain)
    store, events = Store(Path(flip.store)), []
    planned = reuse_weights(flip, store)
    assert planned.why == f"weights reused from 0-{plain.key[:12]}"
    record = execute(planned.spec, events)
    assert "training" not in [event.text for event in events]
    assert record.weights_of == first.key
    assert record.selected_epoch == trained.selected_epoch
    for name, array in predictions(flip).items():
        np.testing.assert_array_equal(array, alone[name])
    # What training cost is what it cost the one that trained.
    assert store.epochs(flip) == store.epochs(plain)
    assert record.cost.train_seconds == first.cost.train_seconds
    assert record.cost.peak_memory_bytes == first.cost.peak_memory_bytes
    alike = store.trained_alike(plain, store.of_model_and_seed(plain))
    assert [record.key for record in alike] == [flip.key]


def test_a_run_that_has_gone_meanwhile_is_a_reason(specs):
    _, flip = specs
    record = execute(flip.model_copy(update={"weights_of": "f" * 64}))
    assert record.status == "failed"
    assert record.reason == (
        "reusing weights: the run ffffffffffff, whose weights were to be reused, has gone"
    )


def test_weights_of_a_run_that_is_being_made_again_are_not_taken(specs):
    plain, flip = specs
    store = Store(Path(plain.store))
    record = execute(plain)
    store.save(record.model_copy(update={"status": "interrupted", "reason": "stopped"}))
    taking = flip.model_copy(update={"weights_of": plain.key})
    ended = execute(taking)
    assert ended.status == "failed"
    assert ended.reason.endswith("whose weights were to be reused, is interrupted by now")


def test_a_donor_that_is_made_again_while_it_is_copied_is_not_taken(specs, monkeypatch):
    plain, flip = specs
    store = Store(Path(plain.store))
    execute(plain)
    real = Checkpoints.load_best

    def forced_meanwhile(self, module):
        real(self, module)
        record = store.find(plain)
        store.save(record.model_copy(update={"finished_at": "2099-01-01T00:00:00+00:00"}))

    monkeypatch.setattr(Checkpoints, "load_best", forced_meanwhile)
    record = execute(flip.model_copy(update={"weights_of": plain.key}))
    assert record.status == "failed"
    assert record.reason.endswith("whose weights were to be reused, was changed meanwhile")


def test_epochs_of_an_interrupted_try_do_not_stand_beside_those_taken_over(specs):
    plain, flip = specs
    first, store = execute(plain), Store(Path(plain.store))
    make_folder(store.run_folder(flip))
    store.append_epochs(flip, *store.epochs(plain)[:1])
    record = execute(flip.model_copy(update={"weights_of": plain.key}))
    assert store.epochs(flip) == store.epochs(plain)
    assert record.cost.train_seconds == first.cost.train_seconds
