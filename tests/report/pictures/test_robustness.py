import pytest

from harness.report import compare
from harness.report.pictures.draw import draw_all, draw_run


@pytest.fixture(scope="module")
def drawn(corrupted, taken_apart):
    return next(taken_apart(p) for p in draw_all(corrupted) if p.name == "robustness")


def test_there_is_a_panel_for_each_corruption_with_its_name_and_parameters(drawn):
    assert len(drawn.panels) == 2
    assert drawn.panels[1].get("aria-label") == "accuracy by strength of blur"
    texts = drawn.texts(1)
    assert {"blur", "none", "1", "1.5", "4", "standard deviation, % of the shorter side"} <= {
        *texts
    }


def test_a_line_says_its_values(drawn, corrupted):
    found = next(row for row in corrupted.done if row.label == "convnet").robustness
    name = next(name for name in drawn.marks(1) if name.startswith("convnet"))
    first, last = found.corruptions[1].strengths[0], found.corruptions[1].strengths[-1]
    assert name.startswith(f"convnet, blur: {100 * found.uncorrupted_accuracy:.1f} % uncorrupted, ")
    assert f"{100 * first.accuracy:.1f} % at 1, " in name
    assert f"{100 * last.accuracy:.1f} % at 4 (standard deviation" in name
    points = drawn.marks(1)[name].find("polyline").get("points").split()
    assert len(points) == 6


def test_values_can_be_read_off_the_pixels(drawn, corrupted):
    found = next(row for row in corrupted.done if row.label == "convnet").robustness
    zero, one = map(float, drawn.panels[0].get("data-y").split())
    name = next(name for name in drawn.marks(0) if name.startswith("convnet"))
    points = drawn.marks(0)[name].find("polyline").get("points").split()
    accuracies = [found.uncorrupted_accuracy, *(s.accuracy for s in found.corruptions[0].strengths)]
    for point, accuracy in zip(points, accuracies, strict=True):
        top = float(point.split(",")[1])
        assert (top - zero) / (one - zero) == pytest.approx(accuracy, abs=0.001)


def test_all_panels_share_a_scale(drawn):
    assert drawn.panels[0].get("data-y") == drawn.panels[1].get("data-y")


def test_the_legend_names_what_was_evaluated_in_the_colours_of_the_page(drawn, corrupted):
    keys = {key.label: key.series for key in drawn.picture.legend}
    indices = {group.label: f"m{index}" for index, group in enumerate(corrupted.groups)}
    assert keys == {label: indices[label] for label in ("vgg", "convnet")}
    for name, mark in drawn.marks(0).items():
        assert mark.get("data-series") == keys[name.split(",")[0]]
    assert "Means over seeds." in drawn.picture.note


def test_a_runs_page_has_its_own_in_its_models_colour(corrupted, taken_apart):
    row = next(row for row in corrupted.done if row.label == "convnet")
    picture = next(taken_apart(p) for p in draw_run(corrupted, row) if p.name == "robustness")
    index = corrupted.groups.index(corrupted.group_of(row))
    [mark] = picture.marks(0).values()
    assert f"s{index}" in mark.get("class").split()
    assert picture.picture.legend == ()
    assert "seeds" not in picture.picture.note


def test_without_any_record_there_is_no_picture(make_entry):
    assert "robustness" not in [p.name for p in draw_all(compare([make_entry()]))]
