import pytest

from harness.report import compare
from harness.report.plots import style
from harness.report.plots.time_to_accuracy import time_to_accuracy_plot
from harness.report.units import duration
from harness.schema import Recipe


def test_each_seed_is_a_line_over_its_time(figures, make_entry):
    comparison = compare([make_entry("a", 2.0, seed=0), make_entry("a", 2.0, seed=1)])
    plot = time_to_accuracy_plot(comparison.groups)
    (axes,) = figures["time-to-accuracy"].axes
    for line, row in zip(axes.get_lines(), comparison.groups[0].rows, strict=True):
        assert list(line.get_xdata()) == pytest.approx([7.5 * e.epoch for e in row.epochs])
        assert list(line.get_ydata()) == [epoch.valid_accuracy for epoch in row.epochs]
    assert axes.get_xlabel() == "seconds of training and validation"
    assert axes.get_xlim()[0] == 0
    rows = comparison.groups[0].rows
    best, seed = max((e.valid_accuracy, number) for number in (0, 1) for e in rows[number].epochs)
    place = [epoch.valid_accuracy for epoch in rows[seed].epochs].index(best) + 1
    assert f"a {100 * best:.1f} % after {duration(7.5 * place)}" in plot.alt


def test_the_highest_of_all_seeds_is_told(make_entry):
    record, epochs, _ = make_entry("a", 2.0, seed=0)
    better = [epoch.model_copy(update={"valid_accuracy": 0.99}) for epoch in epochs]
    plot = time_to_accuracy_plot(
        compare([(record, epochs), (make_entry("a", 2.0, seed=1)[0], better)]).groups
    )
    assert "its highest: a 99.0 % after 7.50 s" in plot.alt


def test_of_many_seeds_it_is_said_whose_highest_is_told(make_entry):
    plot = time_to_accuracy_plot(compare([make_entry("a", seed=n) for n in range(7)]).groups)
    assert "(of its first 5 seeds)" in plot.alt


def test_models_have_their_colours_and_what_was_not_trained_no_line(figures, make_entry):
    entries = [make_entry("built", 2.0, recipe=Recipe(epochs=0)), make_entry("b", 1.0)]
    time_to_accuracy_plot(compare(entries).groups)
    (axes,) = figures["time-to-accuracy"].axes
    assert [line.get_color() for line in axes.get_lines()] == [style.colour(1)]


def test_trainings_far_apart_in_length_stand_on_a_logarithmic_scale(figures, make_entry):
    record, epochs, _ = make_entry("slow")
    slow = [epoch.model_copy(update={"train_seconds": 700.0}) for epoch in epochs]
    time_to_accuracy_plot(compare([(record, slow), make_entry("fast")]).groups)
    figure = figures["time-to-accuracy"]
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel().startswith("minutes")
    (legend,) = figure.legends
    assert {text.get_text() for text in legend.get_texts()} == {"slow", "fast"}


def test_a_logarithmic_scale_of_less_than_two_decades_has_numbers_too(figures, make_entry):
    entries = []
    for model, seconds in (("slow", 100.0), ("fast", 12.0)):
        record, epochs, _ = make_entry(model)
        times = {"train_seconds": seconds, "valid_seconds": 0.0}
        entries.append((record, [epoch.model_copy(update=times) for epoch in epochs[:4]]))
    time_to_accuracy_plot(compare(entries).groups)
    (axes,) = figures["time-to-accuracy"].axes
    assert axes.get_xscale() == "log"
    axes.figure.draw_without_rendering()
    texts = [label.get_text() for label in axes.xaxis.get_ticklabels(which="both")]
    assert not any("$" in text for text in texts)
    assert len(list(filter(None, texts))) >= 3


def test_without_epochs_there_is_no_plot(make_entry):
    built = make_entry("built", recipe=Recipe(epochs=0))
    assert time_to_accuracy_plot(compare([built]).groups) is None
