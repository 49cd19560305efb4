from harness.report import compare
from harness.report.plots import style
from harness.report.plots.gap import gap_plot


def test_each_model_is_a_row_from_training_to_test(figures, make_entry, make_metrics):
    clean = make_metrics(1.3, n=500)
    entries = [make_entry("a", 2.0), make_entry("b", 1.5, test_clean=clean)]
    comparison = compare(entries)
    plot = gap_plot(comparison.groups)
    (axes,) = figures["generalisation-gap"].axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    for row, (place, train) in zip(comparison.rows, ((0, "a"), (1, "b")), strict=True):
        record, drawn = row.record, {
            float(line.get_xdata()[0])
            for line in axes.get_lines()
            if len(line.get_xdata()) == 1 and line.get_ydata()[0] == place
        }  # fmt: skip
        splits = [record.train, record.valid, record.test, record.test_clean]
        assert {one.accuracy for one in splits if one} <= drawn
        assert record.model == train
    gaps = [100 * (r.record.train.accuracy - r.record.test.accuracy) for r in comparison.rows]
    assert [text.get_text() for text in axes.texts] == [f"{gap:.1f}" for gap in gaps]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["training", "validation", "test", "test without twins"]
    train, test = (100 * getattr(entries[0][0], name).accuracy for name in ("train", "test"))
    assert f"a {train:.1f} % and {test:.1f} %" in plot.alt


def test_a_test_accuracy_above_training_is_a_minus(figures, make_entry, make_metrics):
    gap_plot(compare([make_entry("a", train=make_metrics(0.3))]).groups)
    (text,) = figures["generalisation-gap"].axes[0].texts
    assert text.get_text().startswith("−")


def test_models_have_their_colours(figures, make_entry):
    entries = [make_entry("a", 2.0, train=None), make_entry("b", 1.0)]
    gap_plot(compare(entries).groups)
    (axes,) = figures["generalisation-gap"].axes
    assert axes.get_lines()[0].get_color() == style.colour(1)


def test_without_figures_of_training_there_is_no_plot(make_entry):
    assert gap_plot(compare([make_entry(train=None)]).groups) is None


def test_long_names_are_broken(figures, make_entry):
    arguments = {f"argument{i}": "x y" * 3 for i in range(4)}
    gap_plot(compare([make_entry("vgg", arguments=arguments)]).groups)
    (name,) = figures["generalisation-gap"].axes[0].get_yticklabels()
    assert max(len(line) for line in name.get_text().split("\n")) <= 34
