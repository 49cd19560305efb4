import numpy as np
import pytest

from harness.report import compare
from harness.report.plots import style
from harness.report.plots.reliability import reliability_plot


def test_points_are_bins_at_their_confidence_and_accuracy(figures, make_entry):
    comparison = compare([make_entry("a")])
    plot = reliability_plot(comparison.groups)
    upper, lower = figures["reliability"].axes
    found = comparison.rows[0].record.calibration
    for points, state in zip(upper.collections, (found.test, found.test_scaled), strict=True):
        bins = [one for one in state.bins if one.n]
        expected = [(one.confidence, one.accuracy) for one in bins]
        np.testing.assert_allclose(points.get_offsets(), expected)
        # The more images, the larger.
        order = np.argsort([one.n for one in bins], kind="stable")
        assert (np.diff(points.get_sizes()[order]) >= 0).all()
    assert list(upper.get_lines()[0].get_xdata()) == list(upper.get_lines()[0].get_ydata())
    shares, edges = lower.patches[0].get_data()[:2]
    assert shares == pytest.approx([one.n / 700 for one in found.test.bins])
    assert list(edges) == pytest.approx(np.linspace(0, 1, 16))
    assert f"a, as trained: ECE {100 * found.test.ece:.1f} %" in plot.alt


def test_each_configuration_has_a_frame_of_its_colour(figures, make_entry):
    comparison = compare([make_entry("a", 2.0), make_entry("b", 1.5, seed=1), make_entry("c", 1.0)])
    reliability_plot(comparison.groups)
    frames = [axes for axes in figures["reliability"].axes if axes.get_title()]
    assert [axes.get_title() for axes in frames] == ["a", "b", "c"]
    colours = [axes.get_lines()[1].get_color() for axes in frames]
    assert colours == [style.colour(index) for index in range(3)]


def test_the_first_nine_are_shown_and_that_is_said(figures, make_entry):
    comparison = compare([make_entry(f"m{i}", 2 - i / 10) for i in range(11)])
    plot = reliability_plot(comparison.groups)
    assert len(figures["reliability"].axes) == 2 * 9
    assert plot.alt.endswith("The first 9 of 11 configurations.")


def test_a_place_without_a_configuration_is_empty(figures, make_entry):
    comparison = compare([make_entry(f"m{i}", 2 - i / 10) for i in range(4)])
    plot = reliability_plot(comparison.groups)
    assert sum(axes.axison for axes in figures["reliability"].axes) == 2 * 4
    assert "configurations" not in plot.alt


def test_what_has_no_figures_is_left_out(figures, make_entry):
    entries = [make_entry("a", 2.0, calibration=None), make_entry("b", 1.0)]
    assert reliability_plot(compare(entries[:1]).groups) is None
    reliability_plot(compare(entries).groups)
    upper = figures["reliability"].axes[0]
    assert upper.get_title() == "b"
    assert upper.get_lines()[1].get_color() == style.colour(1)
