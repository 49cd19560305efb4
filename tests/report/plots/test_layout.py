"""Texts have room where matplotlib is not asked to find it out."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from harness.report import compare
from harness.report.plots import curves, reliability, style
from harness.report.plots.confusion import confusion_plots
from harness.report.plots.model_curves import model_curves
from harness.schema import Recipe

LONG = {f"a_long_name_of_argument_{i}": "with a long value" for i in range(4)}


@pytest.fixture(autouse=True)
def styled():
    """Letters are as large as in a report."""
    with style.style():
        yield


def drawn(fig):
    """Draw the figure, and return what can measure its texts."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return canvas.get_renderer()


def outside(fig):
    """Return the texts that reach beyond the figure."""
    renderer = drawn(fig)
    axes = [one for part in fig.axes for one in (part.xaxis, part.yaxis)]
    ticks = {one for axis in axes for tick in axis.get_major_ticks() for one in tick.findobj(Text)}
    seen = {text for axis in axes for tick in axis._update_ticks() for text in tick.findobj(Text)}
    texts = [
        text
        for text in fig.findobj(Text)
        if text.get_visible() and text.get_text() and text not in ticks - seen
    ]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
    return [
        name
        for name, box in boxes
        if min(box.x0, box.y0) < 0 or box.x1 > fig.bbox.width or box.y1 > fig.bbox.height
    ]


def scaled(entry, factor):
    """Return the entry with losses of another size."""
    record, epochs, *more = entry
    many = [
        epoch.model_copy(
            update={
                "train_loss": factor * epoch.train_loss,
                "valid_loss": factor * epoch.valid_loss,
            }
        )
        for epoch in epochs
    ]
    return (record, many, *more)


@pytest.mark.parametrize("factor", [1e-7, 1e-4, 1.0, 12345.0, 1e9])
@pytest.mark.parametrize("arguments", [{}, LONG], ids=["short", "long"])
def test_no_text_of_curves_is_cut_off_or_meets_the_title(figures, make_entry, arguments, factor):
    groups = compare(
        [scaled(make_entry(name, arguments=arguments), factor) for name in "abc"]
    ).groups
    model_curves(groups[:1], ["one"])
    curves.all_curves(groups)
    for name in ("one", "curves"):
        assert outside(figures[name]) == []
    renderer = drawn(figures["one"])
    title = figures["one"].texts[0].get_window_extent(renderer)
    for axes in figures["one"].axes:
        left = axes._left_title.get_window_extent(renderer)
        assert left.y1 <= title.y0
        assert not axes.yaxis.get_offset_text().get_window_extent(renderer).overlaps(left)
        assert not axes.get_legend().get_window_extent(renderer).overlaps(left)


@pytest.mark.parametrize("many", [1, 2, 5])
@pytest.mark.parametrize("arguments", [{}, LONG], ids=["short", "long"])
def test_no_text_of_reliability_is_cut_off(figures, make_entry, arguments, many):
    entries = [make_entry(name, arguments=arguments) for name in "abcde"[:many]]
    reliability.reliability_plot(compare(entries).groups)
    assert outside(figures["reliability"]) == []
    drawn(figures["reliability"])
    titles = [axes._left_title for axes in figures["reliability"].axes[::2]]
    boxes = [title.get_window_extent() for title in titles]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_matrices_after_each_other_are_the_pixels_of_each_alone(make_entry):
    entries = [make_entry("a", 2.0), make_entry("b", 1.0, arguments=LONG), make_entry("c", 0.5)]
    comparison = compare(entries)
    groups, classes = comparison.groups, comparison.dataset.classes
    together = confusion_plots(groups, classes, "xyz")
    alone = [
        plot
        for group, name in zip(groups, "xyz", strict=True)
        for plot in confusion_plots([group], classes, [name])
    ]
    assert together == alone
    assert len({plot.png for plot in together}) == 3


@pytest.mark.parametrize("epochs", [3, 30])
def test_curves_after_each_other_are_the_pixels_of_each_alone(make_entry, epochs):
    recipe = Recipe(epochs=epochs)
    entries = [make_entry("a", 2.0, seed=seed, recipe=recipe) for seed in range(3)]
    entries += [scaled(make_entry("b", 1.0, recipe=recipe), 1e4), make_entry("c", arguments=LONG)]
    entries += [make_entry("d", recipe=Recipe(epochs=4), selected_epoch=None)]
    record, _, *more = make_entry("untrained")
    (untrained,) = compare([(record, (), *more)]).groups
    groups = compare(entries).groups
    names = [group.label for group in groups]
    alone = [
        # Those that were not trained are left out, and only the colour counts them.
        model_curves([*[untrained] * index, group], names[: index + 1])
        for index, group in enumerate(groups)
    ]
    assert [model_curves(groups, names)] == [[plot for (plot,) in alone]]
    assert len({plot.png for (plot,) in alone}) == len(groups)


def test_a_title_up_to_the_edge_leaves_no_trace_in_the_next_matrix(make_entry):
    """Two titles of the same width, so that the frame is laid out alike, and other letters."""

    def second_after(letters):
        given = {"width": letters * 8}
        entries = [make_entry("a", arguments=given, classes=("x", "y"))]
        groups = [*compare(entries).groups, *compare([make_entry("b", classes=("x", "y"))]).groups]
        return confusion_plots(groups, ("x", "y"), "xy")[1]

    assert second_after("WMWWM") == second_after("MWWMW")
