from dataclasses import replace

import pytest

from harness.report.pairs import Pair, Pairs

PAIR = Pair(
    first="a",
    second="b",
    metric="accuracy",
    subject="weight files",
    first_seeds=(0,),
    second_seeds=(4,),
    images=100,
    value=0.02,
    low=0.01,
    high=0.04,
    p=0.01,
    p_holm=0.02,
    simultaneous_low=-0.01,
    simultaneous_high=0.05,
    only_first=7,
    only_second=5,
)


def test_the_verdict_is_corrected_for_all_pairs():
    assert PAIR.verdict == "better"
    assert replace(PAIR, value=-0.02).verdict == "worse"
    assert replace(PAIR, p_holm=0.05).verdict == "inconclusive"
    assert replace(PAIR, p_holm=0.049999).verdict == "better"


def test_the_method_is_told_in_words():
    assert PAIR.method == "exact McNemar, two weight files"
    assert replace(PAIR, subject="models").method == "bootstrap over images, variance over seeds"


def test_a_pair_that_is_turned_is_told_of_the_second():
    turned = PAIR.turned
    assert (turned.first, turned.second) == ("b", "a")
    assert (turned.first_seeds, turned.second_seeds) == ((4,), (0,))
    assert (turned.value, turned.low, turned.high) == (-0.02, -0.04, -0.01)
    assert (turned.simultaneous_low, turned.simultaneous_high) == (-0.05, 0.01)
    assert (turned.only_first, turned.only_second) == (5, 7)
    assert (turned.p, turned.p_holm, turned.verdict) == (0.01, 0.02, "worse")
    assert turned.turned == PAIR


def test_a_pair_is_found_from_both_sides_and_in_its_metric_only():
    pairs = Pairs((PAIR, replace(PAIR, metric="uar", value=0.5)))
    assert pairs.between("a", "b") == PAIR
    assert pairs.between("b", "a") == PAIR.turned
    assert pairs.between("a", "b", "uar").value == 0.5
    assert pairs.between("a", "c") is None
    assert pairs.between("a", "a") is None


@pytest.mark.parametrize(("metric", "count"), [("accuracy", 2), ("uar", 1), ("macro_f1", 0)])
def test_pairs_are_counted_by_metric(metric, count):
    pairs = Pairs((PAIR, replace(PAIR, first="c"), replace(PAIR, metric="uar")))
    assert pairs.count(metric) == count
