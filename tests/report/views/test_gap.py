import pytest

from harness.report import compare
from harness.report.views import gap_view


def test_each_run_has_its_accuracies_and_the_gap_with_its_interval(eight, cell):
    view = gap_view(eight)
    row = next(row for row in eight.rows if row.label == "convnet")
    train, test = row.record.train, row.record.test
    assert cell(view, "convnet", "training %").text == f"{100 * train.accuracy:.1f}"
    assert cell(view, "convnet", "validation %").value == row.record.valid.accuracy
    found = cell(view, "convnet", "training − test")
    assert found.value == pytest.approx(train.accuracy - test.accuracy)
    low, high = train.accuracy - test.accuracy_high, train.accuracy - test.accuracy_low
    assert found.note == f"{100 * low:.1f} to {100 * high:.1f}"
    assert "unfinished" not in {line.kind for line in view.lines}


def test_seeds_are_mean_and_deviation(eight, cell):
    view = gap_view(eight)
    gaps = [
        row.record.train.accuracy - row.record.test.accuracy
        for row in eight.rows
        if row.label.startswith("vgg seed")
    ]
    found = cell(view, "vgg over 3 seeds", "training − test")
    assert found.value == pytest.approx(sum(gaps) / 3)
    assert found.note.startswith("± ")
    assert any("mean ± standard deviation" in note for note in view.notes)


def test_a_small_gap_is_no_merit(eight):
    assert not gap_view(eight).marks


def test_the_clean_test_has_a_gap_of_its_own(make_entry, make_metrics, cell):
    comparison = compare(
        [make_entry("a", test_clean=make_metrics(0.5, n=500)), make_entry("b", 1.0)]
    )
    view = gap_view(comparison)
    record = comparison.rows[0].record
    expected = record.train.accuracy - record.test_clean.accuracy
    assert cell(view, "a", "training − test without twins").value == pytest.approx(expected)
    assert cell(view, "b", "training − test without twins").text == "–"
    assert any("twins" in note for note in view.notes)
    assert not any("twins" in note for note in gap_view(compare([make_entry("b")])).notes)


def test_without_figures_of_training_there_is_no_table(make_entry, cell):
    assert gap_view(compare([make_entry(train=None)])) is None
    view = gap_view(compare([make_entry("a", train=None), make_entry("b")]))
    assert cell(view, "a", "training %").text == "–"
