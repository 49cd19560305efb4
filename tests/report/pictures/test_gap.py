import pytest

from harness.report import compare
from harness.report.pictures.gap import gap_picture


@pytest.fixture
def picture(taken_apart):
    def draw(*entries):
        made = gap_picture(list(enumerate(compare(entries).groups)))
        return made and taken_apart(made)

    return draw


def test_marks_tell_the_accuracy_of_each_split_and_the_gap(picture, make_entry, make_metrics):
    entry = make_entry("a", test_clean=make_metrics(0.5, n=500))
    record = entry[0]
    names = list(picture(entry).marks())
    train, valid, test, clean = (
        f"{100 * one.accuracy:.1f}"
        for one in (record.train, record.valid, record.test, record.test_clean)
    )
    points = 100 * (record.train.accuracy - record.test.accuracy)
    low, high = 100 * record.test.accuracy_low, 100 * record.test.accuracy_high
    assert names == [
        f"a: training − test is {points:.1f} points",
        f"a, training: {train} %",
        f"a, validation: {valid} %",
        f"a, test: {test} % ({low:.1f}–{high:.1f} %)",
        f"a, test without twins: {clean} %",
    ]


def test_better_is_to_the_right(picture, make_entry):
    drawn = picture(make_entry("a", 2.0), make_entry("b", 0.5))
    left, right = (
        float(next(m for name, m in drawn.marks().items() if name.startswith(f"{model}, test"))
              .find("circle").get("cx"))
        for model in "ba"
    )  # fmt: skip
    assert left < right


def test_a_gap_below_zero_has_a_minus(picture, make_entry, make_metrics):
    first = next(iter(picture(make_entry("a", train=make_metrics(0.3))).marks()))
    assert "is −" in first


def test_the_legend_switches_splits_and_models(picture, make_entry):
    two = picture(make_entry("a", 2.0), make_entry("b", 1.0)).picture
    assert [key.series for key in two.legend] == ["train", "valid", "test", "m0", "m1"]
    assert [key.series for key in picture(make_entry("a")).picture.legend] == [
        "train",
        "valid",
        "test",
    ]


def test_a_model_keeps_its_place_where_another_has_no_gap(picture, make_entry):
    drawn = picture(make_entry("a", 2.0, train=None), make_entry("b", 1.0))
    assert {mark.get("class") for mark in drawn.marks().values()} == {"mark s1"}
    assert picture(make_entry("a", train=None)) is None
