import numpy as np
import pytest

from harness.report import evidence
from harness.report.evidence import Evidence, nothing, remembered


@pytest.fixture
def counting():
    """A reader of two arrays of 80 bytes each, and the keys that it was asked for."""
    asked = []

    def read(record):
        asked.append(record.key)
        return Evidence(np.zeros((10, 1)), np.zeros(10, dtype=np.int64))

    return read, asked


def test_each_run_is_read_once(counting, make_record):
    read, asked = counting
    one, two = make_record("a"), make_record("b")
    reader = remembered(read)
    first = reader(one)
    assert reader(one) is first
    reader(two)
    assert asked == [one.key, two.key]


def test_a_reader_that_remembers_is_not_wrapped_again(counting):
    reader = remembered(counting[0])
    assert remembered(reader) is reader


def test_what_takes_too_much_memory_is_read_again(counting, make_record, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_BYTES", 200)
    read, asked = counting
    one, two = make_record("a"), make_record("b")
    reader = remembered(read)
    for record in (one, two, one, two):
        reader(record)
    assert asked == [one.key, two.key, two.key]


def test_after_a_run_too_large_to_keep_smaller_ones_are_kept(make_record, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_BYTES", 200)
    asked = []

    def read(record):
        asked.append(record.model)
        return Evidence(np.zeros((100 if record.model == "large" else 10, 1)))

    reader = remembered(read)
    for model in ("large", "a", "b", "a", "b"):
        reader(make_record(model))
    assert asked == ["large", "a", "b"]


def test_nothing_is_left_where_nobody_reads(make_record):
    assert remembered(nothing)(make_record("a")).probabilities is None
