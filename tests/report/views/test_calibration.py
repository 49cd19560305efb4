import pytest

from harness.report import compare
from harness.report.views import calibration_view
from harness.report.views.calibration import run_calibration


def cells(view, label):
    line = next(line for line in view.lines if line.label == label)
    return dict(zip((head.text for head in view.heads), line.cells, strict=True))


def test_each_run_has_a_line_as_trained_and_one_that_is_scaled(eight):
    view = calibration_view(eight)
    row = next(row for row in eight.rows if row.label == "convnet")
    found, labels = row.record.calibration, [line.label for line in view.lines]
    place = labels.index("convnet")
    assert labels[place + 1] == "convnet, temperature-scaled"
    plain, scaled = cells(view, "convnet"), cells(view, "convnet, temperature-scaled")
    assert plain["ECE %"].text == f"{100 * found.test.ece:.1f}"
    assert scaled["NLL"].text == f"{found.test_scaled.nll:.3f}"
    assert scaled["Brier"].value == found.test_scaled.brier
    assert (plain["temperature"].text, scaled["temperature"].value) == ("1.00", found.temperature)
    assert len(labels) == 2 * (8 + 1)


def test_seeds_are_mean_and_deviation(eight):
    view = calibration_view(eight)
    found = [row.record.calibration for row in eight.rows if row.label.startswith("vgg seed")]
    mean = cells(view, "vgg over 3 seeds, temperature-scaled")["temperature"]
    assert mean.value == pytest.approx(sum(one.temperature for one in found) / 3)
    assert mean.note.startswith("± ")
    assert cells(view, "vgg over 3 seeds")["temperature"].text == "1.00"


def test_what_is_scaled_does_not_outshine_what_is_as_trained(eight):
    view = calibration_view(eight)
    best = {line.label for line in view.lines if line.cells[0].best and line.kind == "run"}
    for suffix, state in (("", "test"), (", temperature-scaled", "test_scaled")):
        lowest = min(eight.done, key=lambda row: getattr(row.record.calibration, state).nll)
        assert f"{lowest.label}{suffix}" in best


def test_one_run_has_nothing_bold_and_no_word_on_it(make_entry):
    view = calibration_view(compare([make_entry()]))
    assert not view.marks
    assert len(view.notes) == 1


def test_a_record_without_figures_is_a_gap_and_records_without_any_have_no_table(make_entry):
    view = calibration_view(compare([make_entry("a"), make_entry("b", 1.0, calibration=None)]))
    assert {cell.text for cell in cells(view, "b").values()} == {"–"}
    assert calibration_view(compare([make_entry(calibration=None)])) is None


def test_the_page_of_a_run_has_its_two_lines(make_record):
    record = make_record()
    view = run_calibration(record)
    assert [line.label for line in view.lines] == ["as trained", "temperature-scaled"]
    assert cells(view, "temperature-scaled")["temperature"].value == record.calibration.temperature
    assert run_calibration(make_record(calibration=None)) is None
