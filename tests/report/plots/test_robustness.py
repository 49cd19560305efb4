import io

import numpy as np
import pytest
from PIL import Image

from harness.report import compare
from harness.report.plots import robustness, style
from harness.report.plots.draw import draw


@pytest.fixture
def figure(monkeypatch):
    """The figure that is drawn, kept instead of rendered."""
    kept = []

    def keep(fig, name, alt):
        kept.append(fig)
        return style.Plot(name, alt, b"")

    monkeypatch.setattr(style, "finish", keep)
    return kept


def test_a_line_goes_through_the_mean_accuracies_of_the_seeds(figure, corrupted):
    robustness.robustness_plot(corrupted)
    [drawn] = figure
    noise, blur, empty = drawn.axes
    assert not empty.get_visible()
    index = next(i for i, group in enumerate(corrupted.groups) if group.label == "vgg")
    rows = corrupted.groups[index].rows
    line = next(one for one in blur.lines if one.get_label() == "vgg")
    expected = np.mean(
        [
            [
                r.robustness.uncorrupted_accuracy,
                *(s.accuracy for s in r.robustness.corruptions[1].strengths),
            ]
            for r in rows
        ],
        axis=0,
    )
    np.testing.assert_allclose(line.get_ydata(), expected)
    assert line.get_color() == style.colour(index)
    assert [text.get_text() for text in noise.get_xticklabels()] == [
        "none",
        "4",
        "8",
        "12",
        "15",
        "18",
    ]
    assert blur.get_xlabel() == "standard deviation, % of the shorter side"


def test_only_models_that_were_evaluated_have_a_line_and_a_name(figure, corrupted):
    plot = robustness.robustness_plot(corrupted)
    assert {line.get_label() for line in figure[0].axes[0].lines} == {"vgg", "convnet"}
    assert "plain" not in plot.alt
    assert "convnet" in plot.alt
    assert "corrupted on average" in plot.alt
    [legend] = figure[0].legends
    assert len(legend.get_texts()) == 2


def test_it_is_one_of_the_reports_plots_where_there_is_something_to_draw(corrupted, make_entry):
    plots = {plot.name: plot for plot in draw(corrupted)}
    with Image.open(io.BytesIO(plots["robustness"].png)) as image:
        assert image.width == 2 * 960
    assert "robustness" not in [plot.name for plot in draw(compare([make_entry()]))]


def test_a_single_model_needs_no_legend(figure, make_entry):
    robustness.robustness_plot(compare([make_entry(fall=0.05)]))
    assert figure[0].legends == []
