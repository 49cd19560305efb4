from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from harness.evaluate.agreement import EDGES, accuracy_by_agreement, agreement_of


def test_agreement_is_the_share_of_the_most_chosen_column_among_all_votes():
    votes = np.array([[7, 3, 0], [0, 0, 10], [5, 0, 5], [2, 0, 1], [0, 0, 0]], np.uint8)
    found = agreement_of(votes)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [0.7, 1, 0.5, 2 / 3, 0], rtol=1e-6)


def test_votes_that_add_up_to_more_than_a_byte_are_counted_right():
    votes = np.array([[200, 100, 100]], np.uint8)
    assert agreement_of(votes)[0] == 0.5


def scores(hits) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and labels of two classes that are right where ``hits`` says so."""
    labels = np.arange(len(hits)) % 2
    predicted = np.where(hits, labels, 1 - labels)
    return np.eye(2, dtype=np.float32)[predicted] * 0.8 + 0.1, labels


def test_each_share_of_ten_votes_lies_in_the_bin_that_names_it():
    votes = np.array([[count, 10 - count] for count in range(5, 11)], np.uint8)
    bins = accuracy_by_agreement(*scores(np.ones(6, bool)), agreement_of(votes))
    # 5 of ten; 6 and 7; 8 and 9; 10.
    assert [part.n for part in bins] == [1, 2, 2, 1]
    assert [(part.low, part.high) for part in bins] == list(pairwise(EDGES))


def test_accuracy_and_interval_are_those_of_each_bins_own_images():
    random = np.random.default_rng(0)
    votes = random.multinomial(10, [0.6, 0.3, 0.1], 500).astype(np.uint8)
    hits = random.random(500) < 0.7
    found = accuracy_by_agreement(*scores(hits), agreement_of(votes))
    frame = pd.DataFrame({"most": votes.max(1), "hit": hits})
    for part, counts in zip(found, ([3, 4, 5], [6, 7], [8, 9], [10]), strict=True):
        own = frame[frame.most.isin(counts)]
        assert part.n == len(own)
        assert part.accuracy == own.hit.mean()
        interval = binomtest(int(own.hit.sum()), len(own)).proportion_ci(method="wilson")
        assert (part.accuracy_low, part.accuracy_high) == pytest.approx(tuple(interval))
    assert sum(part.n for part in found) == 500


def test_a_bin_without_images_has_no_accuracy_and_images_without_votes_are_in_none():
    agreement = np.array([0.0, 0.4, 1.0], np.float32)
    bins = accuracy_by_agreement(*scores(np.array([True, True, False])), agreement)
    assert [part.n for part in bins] == [1, 0, 0, 1]
    assert [part.accuracy for part in bins] == [1, None, None, 0]
    assert (bins[1].accuracy_low, bins[1].accuracy_high) == (None, None)


def test_bins_of_the_real_test_images_are_those_that_pandas_counts(fer2013):
    frame = pd.read_csv(fer2013 / "fer2013new.csv").query("Usage == 'PrivateTest'")
    votes = frame.iloc[:, 2:]
    most = (votes.max(axis=1) / votes.sum(axis=1)).round(6)
    expected = pd.cut(most, [0, 0.5, 0.7, 0.9, 1]).value_counts(sort=False).tolist()
    labels = np.load(fer2013 / "test_labels.npy")
    found = accuracy_by_agreement(
        np.eye(7)[labels], labels, agreement_of(votes.to_numpy().astype(np.uint8))
    )
    assert [part.n for part in found] == expected == [840, 880, 1048, 821]
    assert [part.accuracy for part in found] == [1, 1, 1, 1]
