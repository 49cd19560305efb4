import pytest

from harness.report import compare
from harness.report.pictures.reliability import reliability_picture


@pytest.fixture
def picture(taken_apart):
    def draw(*entries, index=2):
        (group,) = compare(entries).groups
        made = reliability_picture(index, group, "a")
        return made and taken_apart(made)

    return draw


def test_each_bin_with_images_is_a_mark_as_trained_and_scaled(picture, make_entry):
    entry = make_entry("a")
    found, marks = entry[0].calibration, picture(entry).marks()
    for state, name in ((found.test, "as trained"), (found.test_scaled, "temperature-scaled")):
        filled = [one for one in state.bins if one.n]
        own = [text for text in marks if text.startswith(f"{name}, confidence")]
        assert len(own) == len(filled)
        one = filled[-1]
        assert own[-1] == (
            f"{name}, confidence {100 * one.low:.1f}–{100 * one.high:.1f} %: "
            f"{100 * one.accuracy:.1f} % right, {100 * one.confidence:.1f} % confident, "
            f"{one.n} images"
        )
    assert f"as trained: ECE {100 * found.test.ece:.1f} %" in marks


def test_points_stand_where_confidence_and_accuracy_say(picture, make_entry):
    entry = make_entry("a")
    drawn = picture(entry)
    (diagonal,) = [
        line for line in drawn.panels[0].iter("line") if line.get("stroke-dasharray") == "4 4"
    ]
    x1, x2, y1, y2 = (float(diagonal.get(name)) for name in ("x1", "x2", "y1", "y2"))
    bins = [one for one in entry[0].calibration.test.bins if one.n]
    circles = [
        mark.find("circle")
        for name, mark in drawn.marks().items()
        if name.startswith("as trained, ")
    ]
    for one, circle in zip(bins, circles, strict=True):
        assert float(circle.get("cx")) == pytest.approx(x1 + one.confidence * (x2 - x1), abs=0.1)
        assert float(circle.get("cy")) == pytest.approx(y1 + one.accuracy * (y2 - y1), abs=0.1)
    most = max(range(len(bins)), key=lambda index: bins[index].n)
    assert max(circles, key=lambda circle: float(circle.get("r"))) is circles[most]


def test_bars_are_shares_of_the_images(picture, make_entry):
    entry = make_entry("a")
    bars = [
        mark.find("rect")
        for name, mark in picture(entry).marks().items()
        if name.startswith("as trained, ")
    ]
    counts = [one.n for one in entry[0].calibration.test.bins if one.n]
    heights = [float(bar.get("height")) for bar in bars]
    scale = max(heights) / max(counts)
    assert heights == pytest.approx([scale * n for n in counts], abs=0.11)


def test_it_is_one_models_and_of_its_colour(picture, make_entry):
    drawn = picture(make_entry("a"), make_entry("a", seed=1))
    assert drawn.picture.model == "a"
    assert all("s2" in mark.get("class") for mark in drawn.marks().values())
    assert [key.series for key in drawn.picture.legend] == ["trained", "scaled"]
    assert "The bins hold all 2 seeds." in drawn.picture.note
    assert "seeds" not in picture(make_entry("a")).picture.note


def test_without_figures_there_is_no_picture(picture, make_entry):
    assert picture(make_entry("a", calibration=None)) is None
