"""The picture of robustness in a browser: values by keys, sizes, accessibility."""

import pytest

from harness.report import write_report


@pytest.fixture(scope="module")
def report(corrupted, tmp_path_factory):
    """A report with robustness, in the place of the one that has none."""
    folder = tmp_path_factory.mktemp("robust")
    write_report(corrupted, folder, generated_at="now")
    return folder


def test_a_line_tells_its_strengths_by_keys(visit, corrupted):
    page = visit()
    found = next(row for row in corrupted.done if row.label == "convnet").robustness
    line = page.locator("#robustness svg.curves").nth(1).locator(".mark[aria-label^='convnet']")
    line.focus()
    for at in found.corruptions[1].strengths[:2]:
        if at.strength == 1:
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expected = f"convnet, blur, strength {at.strength}: {100 * at.accuracy:.1f} %"
        assert page.locator(".tip:visible").inner_text() == expected


def test_the_legend_switches_a_model_in_all_panels(visit):
    figure = visit().locator("#robustness")
    assert figure.locator(".mark[aria-label^='vgg']:visible").count() == 2
    figure.get_by_role("button", name="vgg").click()
    assert figure.locator(".mark[aria-label^='vgg']:visible").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_panel_is_wider_than_its_place(visit, width):
    page = visit(width=width)
    wide = "e => [...e.querySelectorAll('.panel')].some(p => p.scrollWidth > p.clientWidth)"
    assert not page.locator("#robustness").evaluate(wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    results = axe.Axe().run(visit(color_scheme=scheme))
    serious = [v for v in results.response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []
