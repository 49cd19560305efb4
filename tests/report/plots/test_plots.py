import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from harness.report import compare
from harness.report.plots import curves, recall, style, tradeoff
from harness.report.plots.confusion import confusion_plots
from harness.report.plots.draw import draw
from harness.report.plots.model_curves import model_curves
from harness.report.plots.names import file_names
from harness.schema import Recipe


def names(plots):
    return [plot.name for plot in plots]


def test_every_plot_is_a_png_of_twice_its_size_on_the_page(make_entry):
    plots = draw(compare([make_entry("a", 1.5), make_entry("b", 1.0)]))
    expected = [
        "accuracy-speed",
        "recall",
        "generalisation-gap",
        "reliability",
        "time-to-accuracy",
        "confusion-a",
        "confusion-b",
        "curves",
        "curves-a",
        "curves-b",
    ]
    assert names(plots) == expected
    for plot in plots:
        with Image.open(io.BytesIO(plot.png)) as image:
            assert image.format == "PNG"
            assert image.width >= 2 * 400  # Two pixels for each on the page.
            assert image.info.keys() <= {"dpi"}
            assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_a_single_model_has_no_frame_of_all_models(figures, make_entry):
    assert names(draw(compare([make_entry("a")]))) == [
        "accuracy-speed",
        "recall",
        "generalisation-gap",
        "reliability",
        "time-to-accuracy",
        "confusion-a",
        "curves-a",
    ]


def test_a_model_that_was_not_trained_has_no_curves(figures, make_entry):
    built = make_entry("built", recipe=Recipe(epochs=0), speed=False)
    assert not any(name.startswith("curves") for name in names(draw(compare([built]))))
    other = make_entry("other", recipe=Recipe(epochs=0), speed=False)
    assert "curves" not in names(draw(compare([built, other])))
    trained = names(draw(compare([built, make_entry("trained", 1.0)])))
    assert "curves-built" not in trained
    assert {"curves", "curves-trained"} <= set(trained)


def test_without_a_result_nothing_is_drawn(make_entry):
    assert draw(compare([make_entry(status="failed")])) == ()


def test_drawing_leaves_the_users_settings_alone(figures, make_entry):
    mpl.rcParams["font.size"] = 23
    try:
        draw(compare([make_entry("a")]))
        assert mpl.rcParams["font.size"] == 23
    finally:
        mpl.rcdefaults()


def test_curves_hold_the_epochs_and_mark_the_selected_one(figures, make_entry):
    comparison = compare([make_entry("a")])
    model_curves(comparison.groups[:1], ["one"])
    _, accuracy = figures["one"].axes
    training, validation, selected = accuracy.get_lines()
    (row,) = comparison.rows
    assert list(training.get_ydata()) == [epoch.train_accuracy for epoch in row.epochs]
    assert list(validation.get_ydata()) == [epoch.valid_accuracy for epoch in row.epochs]
    assert list(selected.get_xdata()) == [row.record.selected_epoch]
    assert figures["one"].get_suptitle() == "a"


def test_seeds_share_a_colour_and_one_name(figures, make_entry):
    comparison = compare([make_entry("a", seed=0), make_entry("a", seed=1), make_entry("b", 0.5)])
    curves.all_curves(comparison.groups)
    axes = figures["curves"].axes[0]
    first, second, other = axes.get_lines()
    assert first.get_color() == second.get_color() != other.get_color()
    assert axes.get_legend_handles_labels()[1] == ["a", "b"]


def test_many_seeds_are_their_median_in_a_band(figures, many_seeds):
    comparison = compare(many_seeds)
    model_curves(comparison.groups[:1], ["one"])
    (group,) = comparison.groups
    _, accuracy = figures["one"].axes
    training, validation = accuracy.get_lines()
    values = [[epoch.valid_accuracy for epoch in row.epochs] for row in group.rows]
    assert validation.get_ydata() == pytest.approx(np.median(values, axis=0))
    low, high = np.percentile(values, (10, 90), axis=0)
    edges = accuracy.collections[1].get_paths()[0].vertices
    for epoch, (bottom, top) in enumerate(zip(low, high, strict=True), start=1):
        at_epoch = edges[edges[:, 0] == epoch][:, 1]
        assert (at_epoch.min(), at_epoch.max()) == pytest.approx((bottom, top))
    assert figures["one"].get_suptitle() == "a: median and middle 80 % of 11 seeds"
    assert training.get_label() == "training"


def test_the_frame_of_all_models_says_what_a_band_is(figures, make_entry, many_seeds):
    curves.all_curves(compare([*many_seeds, make_entry("b", 0.5)]).groups)
    axes = figures["curves"].axes[3]
    assert axes.get_title() == "validation accuracy"
    words = "Of each model the median, in a band that holds the middle 80 % of"
    assert figures["curves"].get_suptitle() == f"{words} more than 10 seeds"
    assert len(axes.get_lines()) == 2
    assert len(axes.collections) == 1
    curves.all_curves(compare(many_seeds).groups)
    assert figures["curves"].get_suptitle() == f"{words} its seeds"
    curves.all_curves(compare(many_seeds[:10]).groups)
    axes = figures["curves"].axes[3]
    assert figures["curves"].get_suptitle() == ""
    assert len(axes.get_lines()) == 10
    assert not axes.collections


def test_the_words_for_many_seeds_tell_between_which_epochs_they_chose(make_entry, many_seeds):
    (plot,) = model_curves(compare(many_seeds).groups, ["one"])
    assert plot.alt.endswith(
        "by epoch: median and middle 80 % of 11 seeds. Epochs 20 to 30 were selected."
    )
    unselected = [make_entry("a", seed=seed, selected_epoch=None) for seed in range(11)]
    (plot,) = model_curves(compare(unselected).groups, ["one"])
    assert plot.alt.endswith("of 11 seeds.")


def test_a_single_epoch_is_seen(figures, make_entry):
    comparison = compare([make_entry("a", recipe=Recipe(epochs=1))])
    model_curves(comparison.groups[:1], ["one"])
    training, validation, *_ = figures["one"].axes[0].get_lines()
    assert training.get_marker() == validation.get_marker() == "o"
    # The dashes of a single point cannot be seen.
    assert training.get_markerfacecolor() != validation.get_markerfacecolor()


def test_the_words_for_curves_tell_the_selected_epoch(figures, make_entry):
    (plot,) = model_curves(compare([make_entry("a")]).groups, ["one"])
    assert "epoch 24 was selected" in plot.alt
    (plot,) = model_curves(compare([make_entry("a", selected_epoch=None)]).groups, ["one"])
    assert "selected" not in plot.alt


def test_confusion_shows_shares_as_colours_and_counts_as_texts(figures, make_entry):
    comparison = compare([make_entry("a", seed=seed) for seed in range(2)])
    classes = comparison.dataset.classes
    (plot,) = confusion_plots(comparison.groups[:1], classes, ["c"])
    axes = figures["c"].axes[0]
    counts = sum(np.array(row.record.test.confusion) for row in comparison.rows)
    shares = counts / counts.sum(1, keepdims=True)
    assert np.allclose(axes.images[0].get_array(), shares)
    assert [text.get_text().split("\n")[0] for text in axes.texts] == [
        str(n) for n in counts.ravel()
    ]
    assert "sum over 2 seeds" in axes.get_title()
    assert f"happy {100 * shares[3, 3]:.1f} %" in plot.alt


@pytest.mark.parametrize(("many", "texts"), [(2, 4), (15, 225), (20, 400), (21, 0), (100, 0)])
def test_cells_hold_texts_only_where_there_is_room(figures, make_entry, many, texts):
    classes = tuple(f"class-{i}" for i in range(many))
    comparison = compare([make_entry("a", classes=classes)])
    confusion_plots(comparison.groups[:1], classes, ["c"])
    axes = figures["c"].axes[0]
    assert len(axes.texts) == texts
    assert len(axes.get_yticks()) <= 40


def test_a_class_without_images_is_an_empty_row(figures, make_record, make_metrics):
    record = make_record("a", test=make_metrics(absent=("disgust",)))
    comparison = compare([(record, [], None)])
    confusion_plots(comparison.groups[:1], comparison.dataset.classes, ["c"])
    assert np.all(figures["c"].axes[0].images[0].get_array()[1] == 0)
    recall.recall_plot(comparison.groups, comparison.dataset.classes)
    assert len(figures["recall"].axes[0].patches) == 6


def test_bars_are_recalls_with_their_intervals(figures, make_entry):
    comparison = compare([make_entry("a", 2.0), make_entry("b", 1.0)])
    recall.recall_plot(comparison.groups, comparison.dataset.classes)
    (axes,) = figures["recall"].axes
    found = [bar.get_height() for bar in axes.patches]
    expected = [one.recall for row in comparison.rows for one in row.record.test.recall.values()]
    assert found == pytest.approx(expected)
    whiskers = axes.collections[0].get_segments()
    low, high = whiskers[0][0][1], whiskers[0][1][1]
    angry = comparison.rows[0].record.test.recall["angry"]
    assert (low, high) == pytest.approx((angry.low, angry.high))


def test_bars_of_several_seeds_are_means_with_the_widest_interval(figures, make_entry):
    comparison = compare([make_entry("a", seed=seed) for seed in range(3)])
    recall.recall_plot(comparison.groups, comparison.dataset.classes)
    (axes,) = figures["recall"].axes
    sad = [row.record.test.recall["sad"] for row in comparison.rows]
    assert axes.patches[4].get_height() == pytest.approx(np.mean([one.recall for one in sad]))
    (low, high) = axes.collections[0].get_segments()[4][:, 1]
    assert (low, high) == pytest.approx((min(o.low for o in sad), max(o.high for o in sad)))


def test_no_class_at_all_with_images_is_no_bar(figures, make_record, make_metrics):
    metrics = make_metrics()
    empty = {name: one.model_copy(update={"recall": None}) for name, one in metrics.recall.items()}
    record = make_record("a", test=metrics.model_copy(update={"recall": empty}))
    comparison = compare([(record, [], None)])
    recall.recall_plot(comparison.groups, comparison.dataset.classes)
    assert not figures["recall"].axes[0].patches


def test_many_bars_go_into_panels(figures, make_entry):
    classes = tuple(f"class-{i}" for i in range(100))
    comparison = compare([make_entry(f"m{i}", 1 + i / 4, classes=classes) for i in range(4)])
    plot = recall.recall_plot(comparison.groups, classes)
    panels = figures["recall"].axes
    assert len(panels) == 2
    assert sum(len(axes.patches) for axes in panels) == 300
    assert "The first 3 of 4 configurations are shown." in plot.alt
    ticks = [text.get_text() for axes in panels for text in axes.get_xticklabels()]
    assert ticks == list(classes)


def test_twenty_models_look_different(figures):
    looks = {(style.colour(i), style.dashes(i), style.marker(i)) for i in range(20)}
    assert len(looks) == 20


def test_a_model_has_one_colour_in_all_plots(figures, make_entry):
    comparison = compare([make_entry("a", 2.0), make_entry("b", 1.0)])
    draw(comparison)
    second = style.colour(1)
    assert figures["curves"].axes[0].get_lines()[1].get_color() == second
    assert figures["curves-b"].axes[0].get_lines()[0].get_color() == second
    assert figures["accuracy-speed"].axes[0].get_lines()[3].get_color() == second
    assert mpl.colors.to_hex(figures["recall"].axes[0].patches[7].get_facecolor()) == second.lower()


def test_accuracy_stands_against_the_best_throughput(figures, make_entry):
    comparison = compare([make_entry("a", 2.0, 0.5), make_entry("b", 1.0, 4.0)])
    (plot,) = tradeoff.tradeoff_plots(comparison)
    inference, training = figures["accuracy-speed"].axes
    markers = {style.marker(0), style.marker(1)}
    assert len(markers) == 2
    points = [
        line.get_xydata()[0] for line in inference.get_lines() if line.get_marker() in markers
    ]
    expected = [
        (row.speed.inference[64].images_per_second, row.record.test.accuracy)
        for row in comparison.rows
    ]
    assert np.allclose(points, expected)
    assert inference.get_xscale() == training.get_xscale() == "log"
    assert "b 43.4 % at 12840" in plot.alt


def test_each_machine_has_a_plot_of_its_own(figures, make_record, make_speed):
    entries = []
    for model, machine in (("a", "one"), ("b", "two/../x")):
        record = make_record(model)
        entries.append((record, [], make_speed(record, machine=machine)))
    plots = tradeoff.tradeoff_plots(compare(entries))
    assert names(plots) == ["accuracy-speed-one", "accuracy-speed-two-..-x"]
    assert [plot.alt.partition(".")[0] for plot in plots] == [
        "Test accuracy against images per second on machine one",
        "Test accuracy against images per second on machine two/",
    ]


def test_a_timing_without_numbers_is_no_point(figures, make_record, make_speed):
    one, two = make_record("a"), make_record("b", 1.0)
    empty = make_speed(one, status="failed", train_step=None, inference={})
    assert tradeoff.tradeoff_plots(compare([(one, [], empty)])) == []
    only = make_speed(two, train_step=None)
    tradeoff.tradeoff_plots(compare([(one, [], empty), (two, [], only)]))
    assert len(figures["accuracy-speed"].axes) == 1


def test_odd_class_names_are_drawn_as_they_are(make_entry):
    classes = ("$\\frac{", "_hidden", "喜び", "a very long name of a class that goes on and on")
    plots = draw(compare([make_entry("a", classes=classes), make_entry("b", classes=classes)]))
    assert all(plot.png for plot in plots)


def test_long_labels_are_broken_in_the_legend(figures, make_entry):
    arguments = {f"argument{i}": "x y" * 3 for i in range(6)}
    comparison = compare([make_entry("vgg", arguments=arguments), make_entry("b", 1.0)])
    curves.all_curves(comparison.groups)
    labels = figures["curves"].axes[0].get_legend_handles_labels()[1]
    assert max(len(line) for label in labels for line in label.split("\n")) <= 44
    assert style.wrapped("") == ""


def test_file_names_are_safe_and_different():
    labels = ["VGG[width=16]", "vgg width 16", "../../etc", "a/b", "vgg-width-16-2"]
    found = file_names(labels)
    assert len(set(found)) == len(labels)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in found)
    assert found[0] == "vgg-width-16"
    assert not any(name.startswith(".") for name in found)
