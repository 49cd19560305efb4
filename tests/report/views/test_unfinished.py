from harness.report import compare
from harness.report.views import (
    unfinished_view,
)


def test_unfinished_runs_have_their_reasons(eight, make_entry):
    view = unfinished_view(eight)
    assert {line.label: line.cells[1].text for line in view.lines}["inception"] == (
        "images below 75×75"
    )
    (line,) = unfinished_view(compare([make_entry(status="failed")])).lines
    assert line.cells[1].text == "no reason was recorded"
    assert unfinished_view(compare([make_entry()])) is None


def test_what_never_became_a_run_stands_below_the_runs_without_a_result(make_entry):
    comparison = compare([make_entry("vgg")], broken=[("plugin torn", "ImportError: no cv2")])
    view = unfinished_view(comparison)
    [line] = view.lines
    assert (line.label, [cell.text for cell in line.cells]) == (
        "plugin torn",
        ["failed", "ImportError: no cv2"],
    )
