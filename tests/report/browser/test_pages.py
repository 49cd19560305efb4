"""Pages in a browser: linked, accessible, as wide as a phone, and whole without a script."""

import pytest

PAGES = ("index", "run")


@pytest.fixture(params=PAGES)
def path(request, run_path):
    return "index.html" if request.param == "index" else run_path


def test_a_model_leads_to_its_page_and_back(visit):
    page = visit()
    page.get_by_role("link", name="resnet18 strong").first.click()
    assert page.locator("h1").inner_text() == "resnet18 strong"
    assert "/runs/" in page.url
    page.get_by_role("link", name="All models on fer2013").click()
    assert page.locator("h1").inner_text() == "fer2013: quality beside speed"


def test_every_link_leads_somewhere(visit, report):
    page = visit()
    links = page.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert len([link for link in links if link.startswith("runs/")]) > 11
    for link in links:
        if link.startswith("#"):
            assert page.locator(link).count() == 1, link
        else:
            assert (report / link).is_file(), link


def test_a_run_without_a_result_has_a_page_with_its_reason_and_log(visit):
    page = visit()
    page.get_by_role("link", name="tiny-vit").first.click()
    assert "the loss is NaN in <b>epoch 3</b> | a_b" in page.locator(".lead").inner_text()
    assert "ValueError: no" in page.locator("pre").last.inner_text()


def test_the_worst_mistakes_have_their_images_where_they_were_given(visit, run_path):
    page = visit(run_path)
    images = page.locator(".faces img")
    assert images.count() == 24
    loaded = "all => all.every(image => image.complete && image.naturalWidth === 48)"
    assert images.evaluate_all(loaded)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(path, color_scheme=scheme)
    for violation in axe.run(page).response["violations"]:
        where = [node["html"][:200] for node in violation["nodes"][:3]]
        assert violation["impact"] not in ("serious", "critical"), (violation["help"], where)


@pytest.mark.parametrize("width", [320, 375, 768])
def test_nothing_is_wider_than_the_screen(visit, path, width):
    page = visit(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_page_is_whole(visit, path):
    page = visit(path, java_script_enabled=False)
    assert page.locator("button, input").count() == 0
    assert page.locator("table").first.is_visible()
    assert page.locator(".mark").first.is_visible()
    assert page.locator(".legend li").first.is_visible()
    assert page.locator(".mark title").first.text_content()


def test_the_first_stop_skips_to_the_content(visit, path):
    page = visit(path)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_paper_gets_black_on_white_and_no_controls(visit, path):
    page = visit(path, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator(".filter:visible, nav:visible").count() == 0
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"


def test_paper_shows_what_the_screen_folds(visit):
    page = visit()
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', "
        "'<details><summary>folded…</summary><p>folded, all of it</p></details>')"
    )
    whole, summary = page.locator("details p"), page.locator("summary")
    assert (whole.is_visible(), summary.is_visible()) == (False, True)
    page.emulate_media(media="print")
    assert (whole.is_visible(), summary.is_visible()) == (True, False)
