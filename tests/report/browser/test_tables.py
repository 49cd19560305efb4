"""Tables in a browser: sorted by click and by key, and filtered."""

import pytest

TABLE = "table[data-models] >> nth=0"


@pytest.fixture
def page(visit):
    return visit()


def rows(page, column=0, kind="run"):
    """The first line of text of a column's cells, for one kind of row, in the table's order."""
    found = page.locator(TABLE).locator(f"tbody tr.{kind}:visible")
    return [found.nth(i).locator("th, td").nth(column).inner_text().split("\n")[0].strip()
            for i in range(found.count())]  # fmt: skip


def head(page, name):
    return page.locator(TABLE).locator("thead th", has_text=name)


def numbers(page, column):
    return [float(text) for text in rows(page, column)]


def test_a_click_sorts_numbers_as_numbers_the_better_first(page):
    button = head(page, "latency p50").get_by_role("button")
    button.click()
    latency = numbers(page, 9)
    assert latency == sorted(latency)
    assert head(page, "latency p50").get_attribute("aria-sort") == "ascending"
    head(page, "inference img/s").get_by_role("button").click()
    rates = numbers(page, 8)
    assert rates == sorted(rates, reverse=True)
    assert max(rates) > 1000 > min(rates) or len(set(rates)) > 3
    assert page.locator("[aria-sort]").count() == 1


def test_a_second_click_turns_and_a_third_brings_back(page):
    before, button = rows(page), head(page, "accuracy").get_by_role("button")
    button.click()
    assert head(page, "accuracy").get_attribute("aria-sort") == "descending"
    button.click()
    assert head(page, "accuracy").get_attribute("aria-sort") == "ascending"
    assert rows(page) == before[::-1]
    button.click()
    assert head(page, "accuracy").get_attribute("aria-sort") is None
    assert rows(page) == before


def test_the_keyboard_sorts_by_names(page):
    head(page, "model").get_by_role("button").focus()
    page.keyboard.press("Enter")
    names = rows(page)
    assert names == sorted(names)
    page.keyboard.press("Space")
    assert rows(page) == names[::-1]


def test_summaries_and_what_did_not_finish_stay_below(page):
    kinds = "rows => rows.map(row => row.className)"
    for _ in range(2):
        head(page, "accuracy").get_by_role("button").click()
        order = page.locator(TABLE).locator("tbody tr").evaluate_all(kinds)
        assert order == ["run"] * 8 + ["summary"] + ["unfinished"] * 3


def test_what_is_empty_comes_last_either_way(page):
    table = page.get_by_role("region", name="Speed", exact=True)
    last = table.locator("tbody tr").last
    before = last.inner_text()
    for _ in range(2):
        table.get_by_role("button", name="training end to end").click()
        values = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
        assert (values.count("–"), values[-1]) == (1, "–")
    table.get_by_role("button", name="training end to end").click()
    assert last.inner_text() == before


def test_a_text_shows_the_models_that_it_names(page):
    page.get_by_label("Show models named").fill("VGG seed")
    assert rows(page) == ["vgg seed 2", "vgg seed 1", "vgg seed 0"]
    assert rows(page, kind="unfinished") == []
    assert page.locator(".filter [role=status]").inner_text() == "3 of 11 runs"
    page.get_by_label("Show models named").fill("")
    assert len(rows(page)) == 8
    assert page.locator(".filter [role=status]").inner_text() == ""


def test_the_filter_goes_for_pictures_too(page):
    page.get_by_label("Show models named").fill("convnet")
    shown = page.locator("figure[data-model]:visible")
    models = [shown.nth(i).get_attribute("data-model") for i in range(shown.count())]
    assert models == ["convnet", "convnet"]  # Its confusion matrix and its reliability.
    assert page.locator("#accuracy-speed .mark:visible").count() == 2
    assert page.locator("#curves .mark:visible").count() == 4
    lines = page.locator("#accuracy-speed .legend li:visible")
    assert [text.strip() for text in lines.all_inner_texts()] == ["convnet"]
    page.get_by_label("Show models named").fill("")
    assert page.locator("#accuracy-speed .mark:visible").count() == 2 * 6


@pytest.mark.parametrize(("typed", "drawn"), [("seed 1", {"vgg"}), ("vgg seed 1", {"vgg"})])
def test_a_picture_is_shown_with_any_run_of_its_configuration(page, typed, drawn):
    page.get_by_label("Show models named").fill(typed)
    shown = page.locator("figure[data-model]:visible")
    assert {shown.nth(i).get_attribute("data-model") for i in range(shown.count())} == drawn
    lines = page.locator("#accuracy-speed .legend li:visible")
    assert {text.strip() for text in lines.all_inner_texts()} == drawn
    assert page.locator("#accuracy-speed .mark:visible").count() == 2


def test_a_table_of_configurations_is_shown_with_any_of_their_runs(page):
    def names():
        rows = page.get_by_role("region", name="Speed", exact=True).locator("tbody tr:visible th")
        return [text.strip() for text in rows.all_inner_texts()]

    page.get_by_label("Show models named").fill("vgg seed 1")
    assert names() == ["vgg"]
    page.get_by_label("Show models named").fill("nothing of this name")
    # What is left of no row has no heading either; the main table holds the filter.
    assert page.get_by_role("heading", name="Speed", exact=True).count() == 0
    assert page.get_by_role("heading", name="Results", exact=True).is_visible()
    page.get_by_label("Show models named").fill("")
    assert len(names()) > 3


def test_sorting_a_filtered_table_shows_no_more_than_before(page):
    page.get_by_label("Show models named").fill("width")
    head(page, "accuracy").get_by_role("button").click()
    assert len(rows(page)) == 2
