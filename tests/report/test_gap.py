import pytest

from harness.report import compare
from harness.report.gap import gap, mean_accuracies, with_gap


def test_the_gap_has_the_interval_of_the_test_accuracy(make_record):
    record = make_record()
    found = gap(record)
    train, test = record.train.accuracy, record.test
    assert found.value == train - test.accuracy
    assert (found.low, found.high) == (train - test.accuracy_high, train - test.accuracy_low)
    assert found.low < found.value < found.high


def test_there_is_no_gap_without_both_ends(make_record, make_metrics):
    assert gap(make_record(train=None)) is None
    assert gap(make_record(), "test_clean") is None
    clean = make_metrics(0.5, n=500)
    record = make_record(test_clean=clean)
    assert gap(record, "test_clean").value == record.train.accuracy - clean.accuracy


def test_accuracies_are_means_over_the_seeds(make_entry, make_metrics):
    records = [make_entry("a", seed=seed) for seed in range(3)]
    (group,) = compare(records).groups
    means = mean_accuracies(group)
    assert list(means) == ["train", "valid", "test"]
    expected = sum(record.valid.accuracy for record, _, _ in records) / 3
    assert means["valid"] == pytest.approx(expected)


def test_a_split_that_one_seed_lacks_has_no_mean(make_entry, make_metrics):
    entries = [make_entry("a", test_clean=make_metrics(n=500)), make_entry("a", seed=1)]
    (group,) = compare(entries).groups
    assert "test_clean" not in mean_accuracies(group)


def test_what_lacks_an_end_is_left_out_and_the_others_keep_their_places(make_entry):
    entries = [make_entry("a", 2.0, train=None), make_entry("b", 1.0)]
    [(index, group, _)] = with_gap(compare(entries).groups)
    assert (index, group.label) == (1, "b")
