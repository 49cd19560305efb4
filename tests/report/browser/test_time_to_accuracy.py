"""The picture of accuracy over time in a browser: times read off both kinds of scale."""

import pytest

from harness.report import compare, write_report


@pytest.fixture(scope="module")
def report(make_entry, tmp_path_factory):
    """A report of two trainings that differ by far in length."""
    record, epochs, _ = make_entry("slow", 2.0)
    slow = [epoch.model_copy(update={"train_seconds": 659.5}) for epoch in epochs]
    folder = tmp_path_factory.mktemp("timed")
    write_report(compare([(record, slow), make_entry("fast", 1.0)]), folder, generated_at="now")
    return folder


def test_a_line_tells_its_times_on_a_logarithmic_scale(visit):
    page = visit()
    page.locator("#time-to-accuracy .mark[aria-label^='slow']").focus()
    for number in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        told = page.locator(".tip:visible").inner_text()
        assert told.startswith(f"slow, minute {11 * number}: ")


def test_a_line_tells_parts_of_a_unit_on_a_linear_scale(visit, make_entry, tmp_path):
    record, epochs, _ = make_entry("slow", 2.0)
    slow = [
        epoch.model_copy(update={"train_seconds": 90.0, "valid_seconds": 0.0}) for epoch in epochs
    ]
    write_report(compare([(record, slow)]), tmp_path, generated_at="now")
    page = visit()
    page.goto((tmp_path / "index.html").as_uri())
    page.locator("#time-to-accuracy .mark").first.focus()
    for number in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        told = page.locator(".tip:visible").inner_text()
        minutes = float(told.removeprefix("slow, minute ").partition(":")[0])
        assert minutes == pytest.approx(1.5 * number, abs=0.05)
