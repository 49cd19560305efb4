"""Pictures in a browser: values under the pointer and in focus, legends that switch."""

import pytest


@pytest.fixture
def page(visit):
    return visit()


def tip(page):
    shown = page.locator(".tip:visible")
    return shown.inner_text() if shown.count() else None


def test_a_point_tells_its_values_under_the_pointer(page):
    mark = page.locator("#accuracy-speed .mark").first
    mark.locator(".sign").hover()
    text = tip(page)
    assert text == mark.get_attribute("aria-label")
    assert text.startswith("resnet18 strong: ")
    assert "% accuracy (" in text
    assert "images/s in inference" in text
    # The pointer may come to the tip: what is large on a small screen can be read to its end.
    box = page.locator(".tip").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(400)
    assert tip(page) == text
    page.mouse.move(1, 1)
    page.locator(".tip").wait_for(state="hidden")


def test_a_picture_is_one_stop_and_arrows_go_on_from_mark_to_mark(page):
    panel = page.locator("#accuracy-speed svg[role=group]").first
    assert panel.locator("[tabindex='0']").count() == 1
    panel.locator("[tabindex='0']").focus()
    first = tip(page)
    page.keyboard.press("ArrowRight")
    assert tip(page) not in (first, None)
    page.keyboard.press("ArrowLeft")
    assert tip(page) == first
    page.keyboard.press("ArrowLeft")
    assert tip(page) == first
    page.keyboard.press("Escape")
    assert tip(page) is None


def test_arrows_go_up_and_down_in_a_confusion_matrix(page):
    page.locator("#confusion-resnet18-strong .mark").first.focus()
    assert tip(page).startswith("true angry, recognised: ")
    page.keyboard.press("ArrowDown")
    assert tip(page).startswith("true disgust, taken for angry: ")
    page.keyboard.press("ArrowRight")
    assert tip(page).startswith("true disgust, recognised: ")


def test_a_legend_switches_a_model_in_its_own_figure_only(page):
    figure = page.locator("#curves")
    button = figure.get_by_role("button", name="convnet")
    lines = figure.locator(".mark[aria-label^='convnet']:visible")
    assert lines.count() == 4
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert lines.count() == 0
    assert page.locator("#accuracy-speed .mark[aria-label^='convnet']:visible").count() == 2
    button.press("Enter")
    assert lines.count() == 4


def test_a_legend_switches_training_and_validation(page):
    figure = page.locator("#curves")
    figure.get_by_role("button", name="training").click()
    assert figure.locator(".line.train:visible").count() == 0
    assert figure.locator(".line.valid:visible").count() == 2 * 7
    figure.get_by_role("button", name="validation").click()
    assert figure.locator(".line:visible").count() == 0
    assert figure.locator("svg.curves [tabindex='0']").count() == 0


def test_a_curve_tells_its_epochs_by_keys(page, eight):
    row = next(row for row in eight.rows if row.label == "convnet")
    line = page.locator("#curves svg.curves").first.locator(".valid[aria-label^='convnet']")
    line.focus()
    assert "at the selected epoch 24" in tip(page)
    for number in (1, 2):
        page.keyboard.press("ArrowRight")
        value = 100 * row.epochs[number - 1].valid_accuracy
        name, _, told = tip(page).rpartition(": ")
        assert name == f"convnet, validation accuracy, epoch {number}"
        assert told == f"{value:.1f} %"
    assert page.locator(".aside[role=status]").inner_text().startswith("epoch 2: ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert "epoch 1: " in tip(page)


def test_no_digit_of_a_loss_is_finer_than_the_pixels_it_is_read_from(page):
    """Where one curve goes up to 100,000, a hundredth of a pixel is more than any other's loss."""
    panel = page.locator("#curves svg.curves:not([data-quantity='accuracy'])").first
    line = panel.locator(".valid[aria-label^='convnet']")
    height = float(line.locator("polyline").get_attribute("points").split()[0].split(",")[1])
    for pixels, told in ((0.0025, "404"), (0.1, "10.1"), (268, "0.0038")):
        panel.evaluate(f"svg => {{ svg.dataset.y = '{height + 1.01} {height + 1.01 - pixels}' }}")
        line.focus()
        page.keyboard.press("ArrowRight")
        assert tip(page).rpartition(": ")[2] == told
        line.blur()
    panel.evaluate(f"svg => {{ svg.dataset.y = '{height - 0.008} {height - 0.028}' }}")
    line.focus()
    page.keyboard.press("ArrowRight")
    assert tip(page).rpartition(": ")[2] == "0"


def test_a_curve_tells_its_epochs_under_the_pointer(page):
    figure = page.locator("#curves")
    figure.scroll_into_view_if_needed()
    ring = figure.locator(".line.valid[aria-label^='convnet'] .ring").last.bounding_box()
    page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    assert tip(page).startswith("convnet, validation loss, epoch 24: ")
    page.mouse.move(1, 1)
    page.locator(".tip").wait_for(state="hidden")
    assert page.locator(".probe").count() == 0


def test_reliability_is_told_bin_by_bin_and_switched_by_state(page):
    figure = page.locator("#reliability-convnet")
    figure.locator(".mark[tabindex='0']").focus()
    assert tip(page).startswith("as trained: ECE ")
    page.keyboard.press("ArrowRight")
    assert tip(page).startswith("as trained, confidence ")
    figure.get_by_role("button", name="as trained").click()
    assert figure.locator(".mark[aria-label^='as trained']:visible").count() == 0
    assert figure.locator(".mark[aria-label^='temperature-scaled']:visible").count() > 3


def test_the_gap_switches_splits_and_models(page):
    figure = page.locator("#generalisation-gap")
    figure.get_by_role("button", name="validation").click()
    assert figure.locator(".mark[aria-label*='validation']:visible").count() == 0
    figure.get_by_role("button", name="convnet").click()
    assert figure.locator(".mark[aria-label^='convnet']:visible").count() == 0
    assert figure.locator(".mark[aria-label^='resnet18']:visible").count() == 3


def test_pictures_follow_light_and_dark(visit):
    fill = "mark => getComputedStyle(mark).color"
    mark = "#accuracy-speed .mark >> nth=0"
    colours = {
        visit(color_scheme=scheme).locator(mark).evaluate(fill) for scheme in ("light", "dark")
    }
    assert len(colours) == 2


def test_no_name_of_an_axis_lies_on_its_ticks(page):
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll("svg .frame")].flatMap((frame) => {
            const boxes = [...frame.querySelectorAll("text")].map((text) => ({
              text, box: text.getBoundingClientRect() }));
            const names = boxes.filter(({ text }) => text.classList.contains("name"));
            return names.flatMap((name) => boxes
              .filter((other) => other.text !== name.text)
              .filter(({ box }) => box.left < name.box.right && box.right > name.box.left
                && box.top < name.box.bottom && box.bottom > name.box.top)
              .map((other) => `${name.text.textContent} on ${other.text.textContent}`));
        })"""
    )
    assert overlapping == []


def test_accuracy_over_time_tells_its_seconds_by_keys(page, eight):
    row = next(row for row in eight.rows if row.label == "convnet")
    page.locator("#time-to-accuracy .mark[aria-label^='convnet']").focus()
    assert tip(page).startswith("convnet: ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    told = 100 * row.epochs[1].valid_accuracy
    name, _, value = tip(page).rpartition(": ")
    assert name == "convnet, second 15"
    assert float(value.removesuffix(" %")) == pytest.approx(told, abs=0.1)
