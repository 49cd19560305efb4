"""Runs on data with annotators' votes."""

from pathlib import Path

import numpy as np

from harness.execute import execute_run
from harness.schema import RunRecord, RunSpec
from harness.store import Store


def made(spec: RunSpec) -> RunRecord:
    return execute_run(spec, lambda event: None, own_process=False)


def test_accuracy_by_agreement_is_recomputed_from_what_the_run_left(
    make_specs, write_plugin, linear, voted
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),), data=voted)
    record = made(spec)
    arrays = np.load(Store(Path(spec.store)).run_folder(spec) / "predictions.npz")
    votes = np.load(voted / "test_votes.npy").astype(float)
    assert arrays["test_agreement"].dtype == np.float32
    np.testing.assert_allclose(arrays["test_agreement"], votes.max(1) / votes.sum(1), rtol=1e-6)
    right = arrays["test_probabilities"].argmax(1) == arrays["test_labels"]
    assert sum(part.n for part in record.agreement) == 45
    for part in record.agreement:
        inside = (votes.max(1) / 10 > part.low) & (votes.max(1) / 10 <= part.high)
        assert part.n == inside.sum()
        assert part.accuracy == (right[inside].mean() if part.n else None)


def test_without_votes_a_record_says_nothing_of_agreement(make_specs, write_plugin, linear):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    record = made(spec)
    assert (record.status, record.agreement) == ("done", ())
    arrays = np.load(Store(Path(spec.store)).run_folder(spec) / "predictions.npz")
    assert "test_agreement" not in arrays


def test_training_on_votes_is_another_training(make_specs, write_plugin, linear, voted):
    path = write_plugin("lin", linear)
    options = ("epochs=2", "batch_size=32", "augment=none")
    records = [
        made(*make_specs("lin", plugins=(path,), data=voted, options=(*options, *more)))
        for more in ((), ("targets=votes",))
    ]
    assert [record.status for record in records] == ["done", "done"]
    assert records[0].key != records[1].key
    assert records[0].valid.nll != records[1].valid.nll


def test_a_models_own_recipe_that_asks_for_votes_in_vain_is_a_record_with_a_reason(
    make_specs, write_plugin, linear
):
    path = write_plugin("soft", linear, "recipe=Recipe(epochs=1, targets='votes')")
    [spec] = make_specs("soft", plugins=(path,), options=())
    record = made(spec)
    assert record.status == "failed"
    assert record.reason.startswith("reading the data: targets=votes needs annotators' votes")


def test_votes_that_changed_since_the_plan_are_not_used(make_specs, write_plugin, linear, voted):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),), data=voted)
    card = spec.dataset.model_copy(update={"votes_sha256": "0" * 64})
    record = made(spec.model_copy(update={"dataset": card}))
    assert "changed while it was being used" in record.reason
