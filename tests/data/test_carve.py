import numpy as np
import pytest
from sklearn.model_selection import StratifiedShuffleSplit

from harness.data.carve import Shares, complete
from harness.errors import DataError, RequestError

CLASSES = ("a", "b", "c")


def labels(*counts):
    return np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))


def carve(values, shares=None, **rows):
    rows = {"train": np.arange(len(values)), **rows}
    return complete(rows, values, CLASSES, shares or Shares(), "x.csv has no column Usage")


def test_every_row_lands_in_one_split_in_the_order_of_rows():
    rows, _ = carve(labels(100, 60, 40))
    assert list(rows) == ["train", "valid", "test"]
    assert [len(chosen) for chosen in rows.values()] == [160, 20, 20]
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(200))
    for chosen in rows.values():
        assert (np.diff(chosen) > 0).all()


def test_each_class_gives_its_share():
    values = labels(500, 300, 200)
    rows, _ = carve(values, Shares(valid=0.2, test=0.05))
    assert np.bincount(values[rows["valid"]]).tolist() == [100, 60, 40]
    assert np.bincount(values[rows["test"]]).tolist() == [25, 15, 10]


def test_a_rare_class_is_in_every_split_all_the_same():
    values = labels(196, 3, 4)
    rows, _ = carve(values)
    assert [len(chosen) for chosen in rows.values()] == [163, 20, 20]
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(203))
    for chosen in rows.values():
        assert np.bincount(values[chosen], minlength=3).min() >= 1


def test_the_first_part_is_the_one_that_scikit_learn_draws():
    values = labels(100, 60, 40)
    splitter = StratifiedShuffleSplit(1, test_size=20, random_state=3)
    _, expected = next(splitter.split(values, values))
    rows, _ = carve(values, Shares(seed=3), test=np.arange(5))
    assert rows["valid"].tolist() == sorted(expected.tolist())


def test_a_seed_gives_the_same_parts_again_and_another_one_others():
    first, again, other = (carve(labels(50, 50), Shares(seed=seed))[0] for seed in (0, 0, 1))
    assert np.array_equal(first["test"], again["test"])
    assert not np.array_equal(first["test"], other["test"])


def test_splits_that_are_there_stay_and_call_for_no_warning():
    rows, warnings = carve(labels(9, 9), valid=np.array([3, 1]), test=np.array([2]))
    assert rows["valid"].tolist() == [3, 1]
    assert warnings == ()


def test_the_warning_says_what_was_done_and_what_it_means():
    _, (warning,) = carve(labels(100, 60, 40), Shares(seed=7))
    assert warning == (
        "x.csv has no column Usage: of 200 training images 20 for valid and 20 for test were set "
        "apart, stratified by class, with seed 7; results compare with those on the same splits "
        "only"
    )


@pytest.mark.parametrize("counts", [(20, 1), (2, 2), (3, 3, 2)])
def test_too_few_images_are_one_clear_error(counts):
    with pytest.raises(DataError, match=r"of '[abc]' only \d\) are too few to set \d apart"):
        carve(labels(*counts))


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_shares_that_are_none_are_refused(share):
    with pytest.raises(RequestError, match="expected between 0 and 1"):
        Shares(valid=share)
    with pytest.raises(RequestError, match="the share of test is"):
        Shares(test=share)


def test_shares_that_leave_nothing_are_refused():
    with pytest.raises(RequestError, match="leave nothing to train on"):
        carve(labels(50, 50), Shares(valid=0.5, test=0.5))


def test_the_share_of_a_split_that_is_there_takes_nothing_away():
    rows, _ = carve(labels(50, 50), Shares(valid=0.9, test=0.1), test=np.arange(5))
    assert (len(rows["train"]), len(rows["valid"])) == (10, 90)


@pytest.mark.parametrize(("counts", "shares"), [((100, 5), (0.1, 0.8)), ((300, 3), (0.45, 0.45))])
@pytest.mark.parametrize("seed", range(3))
def test_large_shares_leave_of_each_class_an_image_to_train_on(counts, shares, seed):
    values = labels(*counts)
    rows, _ = carve(values, Shares(*shares, seed))
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(len(values)))
    for chosen in rows.values():
        assert np.bincount(values[chosen], minlength=2).min() >= 1
