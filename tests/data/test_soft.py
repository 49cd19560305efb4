from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from harness.data.prepare import prepare
from harness.data.soft import soft_targets
from harness.data.splits import open_splits
from harness.errors import DataError


def refusal(splits) -> str:
    with pytest.raises(DataError) as caught:
        soft_targets(splits, "train")
    return str(caught.value)


def test_shares_are_those_of_the_classes_by_name_and_sum_to_1(voted):
    splits = open_splits(voted)
    found = soft_targets(splits, "train")
    frame = pd.DataFrame(splits.train.votes, columns=["right", "up", "left", "unknown"])
    own = frame[list(splits.classes)]
    expected = own.div(own.sum(axis=1), axis=0)
    nobody = expected.isna().all(axis=1).to_numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[~nobody], expected[~nobody], rtol=1e-6)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)


def test_where_no_vote_is_left_the_label_has_it_all(voted):
    splits = open_splits(voted)
    found = soft_targets(splits, "train")
    assert np.array_equal(found[::9], np.eye(3)[splits.train.labels[::9]])


@pytest.mark.parametrize("labels", ["source", "ferplus"])
def test_real_shares_are_those_that_pandas_finds(fer2013, tmp_path, labels):
    path = fer2013 / "fer2013new.csv"
    prepare(fer2013, tmp_path / "set", votes=path, relabel=labels == "ferplus")
    splits = open_splits(tmp_path / "set")
    names = {
        "source": ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"],
        "ferplus": list(splits.classes),
    }[labels]
    frame = pd.read_csv(path).query("Usage == 'PrivateTest'").drop(columns=["Usage", "Image name"])
    if labels == "ferplus":
        several = frame.where(frame > 1, 0)
        first = several.idxmax(axis=1).isin(names)
        frame = frame[first & (several.max(axis=1) > several.sum(axis=1) / 2)]
    votes = frame[names].to_numpy()
    found = soft_targets(splits, "test")
    some = votes.sum(1) > 0
    np.testing.assert_allclose(found[some], votes[some] / votes[some].sum(1, keepdims=True))
    assert np.array_equal(found[~some], np.eye(len(names))[splits.test.labels[~some]])
    assert (~some).sum() == {"source": 16, "ferplus": 0}[labels]


def test_data_without_votes_is_refused(tiny):
    message = refusal(open_splits(tiny))
    assert message == (
        "targets=votes needs annotators' votes, and data set 'tiny' has none; prepare FER-2013 "
        "with --ferplus fer2013new.csv, or set targets=labels"
    )


def test_a_class_without_a_column_of_votes_is_refused(voted):
    splits = replace(open_splits(voted), classes=("left", "down", "up"))
    assert "has none for down, found votes for right, up, left, unknown; set targets=labels" in (
        refusal(splits)
    )
