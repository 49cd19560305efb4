from dataclasses import replace

import numpy as np
import pytest

from harness.report import compare
from harness.report.evidence import Evidence
from harness.report.predictions import gather


@pytest.fixture
def groups(make_entry):
    entries = [make_entry("a", seed=seed) for seed in (3, 0)] + [make_entry("b", 1.2)]
    return compare(entries).groups


def reader(evidence, **changed):
    """Evidence as it is, apart from that of a model's seed (``a0``), which is what is given."""

    def read(record):
        return changed.get(f"{record.model}{record.seed}", evidence(record))

    return read


def test_the_predicted_classes_are_kept_by_seed(groups, evidence):
    found = gather(groups, evidence)
    assert [(one.label, one.seeds) for one in found.predicted] == [("a", (0, 3)), ("b", (0,))]
    assert found.left_out == ()
    for group, one in zip(groups, found.predicted, strict=True):
        for row in group.rows:
            left = evidence(row.record)
            classes = one.by_seed[row.record.seed]
            assert np.array_equal(classes, left.probabilities.argmax(axis=1))
            assert np.array_equal(found.labels, left.labels)


def wrong(evidence, groups):
    """Evidence of a's seed 0 that is of no use, with the reason."""
    record = groups[0].rows[0].record
    left = evidence(record)
    uniform = np.full_like(left.probabilities, 1 / 7)
    # As right as before, with one mistake that is another one.
    mistaken = left.probabilities.copy()
    place = int(np.flatnonzero(left.predicted != left.labels)[0])
    others = set(range(7)) - {int(left.labels[place]), int(left.predicted[place])}
    mistaken[place, others.pop()] = 2.0
    return {
        "there are no predictions": Evidence(),
        "the predictions are not of the record's test images": Evidence(
            left.probabilities[1:], left.labels[1:]
        ),
        "the predictions do not give the record's test accuracy": Evidence(uniform, left.labels),
        "the predictions do not give the record's test confusion matrix": Evidence(
            mistaken, left.labels
        ),
    }


def test_a_run_without_predictions_of_use_is_left_out_with_the_reason(groups, evidence):
    for reason, left in wrong(evidence, groups).items():
        found = gather(groups, reader(evidence, a0=left))
        assert found.left_out == (f"a is judged without seed 0 ({reason}).",)
        assert [one.seeds for one in found.predicted] == [(3,), (0,)]


def test_labels_must_be_those_of_the_first(groups, evidence):
    left = evidence(groups[1].rows[0].record)
    order = np.random.default_rng(0).permutation(len(left.labels))
    moved = Evidence(left.probabilities[order], left.labels[order])
    found = gather(groups, reader(evidence, b0=moved))
    assert found.left_out == ("In no pair: b (the test labels are not those of the other runs).",)
    assert np.array_equal(found.labels, evidence(groups[0].rows[0].record).labels)


def test_configurations_without_any_share_a_sentence(groups, evidence):
    found = gather(groups, lambda record: Evidence())
    assert found.predicted == ()
    assert found.left_out == ("In no pair: a, b (there are no predictions).",)


def test_several_seeds_and_reasons_are_listed(groups, evidence):
    rest = [*wrong(evidence, groups).values()]
    groups = [replace(groups[0], rows=(*groups[0].rows, _with_seed(groups[0], 5)))]
    found = gather(groups, reader(evidence, a0=rest[0], a5=rest[1]))
    assert found.left_out == (
        "a is judged without seeds 0, 5 (the predictions are not of the record's test images and "
        "there are no predictions).",
    )


def _with_seed(group, seed):
    row = group.rows[0]
    return replace(row, record=row.record.model_copy(update={"seed": seed}))


def test_a_seed_that_is_there_twice_counts_once(groups, evidence):
    twice = [replace(groups[0], rows=(*groups[0].rows, groups[0].rows[0]))]
    found = gather(twice, evidence)
    assert found.predicted[0].seeds == (0, 3)
    # One of the two copies may have lost its predictions.
    left = iter(
        [Evidence(), evidence(groups[0].rows[1].record), evidence(groups[0].rows[0].record)]
    )
    assert gather(twice, lambda record: next(left)).left_out == ()
