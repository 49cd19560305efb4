import io
import statistics

import pytest
from rich.console import Console

from harness.report import Entry, compare
from harness.report.markdown import render_markdown
from harness.report.page import compose
from harness.report.screen import print_table
from harness.report.views import robustness_view, strength_view


def column(view, head):
    index = next(i for i, one in enumerate(view.heads) if one.text == head)
    return {line.label: line.cells[index] for line in view.lines}


def test_a_line_tells_uncorrupted_corrupted_loss_and_the_mean_of_each_corruption(corrupted):
    view = robustness_view(corrupted)
    heads = [head.text for head in view.heads]
    assert heads == ["uncorrupted %", "corrupted %", "relative loss %", "gaussian noise", "blur"]
    row = next(row for row in corrupted.done if row.label == "convnet")
    found = row.robustness
    mean = statistics.fmean(at.accuracy for one in found.corruptions for at in one.strengths)
    blur = statistics.fmean(at.accuracy for at in found.corruptions[1].strengths)
    cells = next(line.cells for line in view.lines if line.label == "convnet")
    loss = (found.uncorrupted_accuracy - mean) / found.uncorrupted_accuracy
    for cell, value in zip(cells[:3], (found.uncorrupted_accuracy, mean, loss), strict=True):
        assert cell.value == pytest.approx(value)
        assert cell.text == f"{100 * value:.1f}"
    assert cells[4].value == pytest.approx(blur)


def test_seeds_are_summed_up_as_mean_and_deviation(corrupted):
    losses = column(robustness_view(corrupted), "relative loss %")
    seeds = [losses[f"vgg seed {seed}"].value for seed in range(3)]
    assert losses["vgg over 3 seeds"].value == pytest.approx(statistics.fmean(seeds))
    assert losses["vgg over 3 seeds"].note == f"± {100 * statistics.stdev(seeds):.1f}"


def test_the_lowest_loss_and_the_highest_accuracy_stand_out(corrupted):
    view = robustness_view(corrupted)
    assert [k for k, c in column(view, "relative loss %").items() if c.best] == ["vgg seed 0"]
    accuracies = column(view, "blur")
    best = max(
        (label for label in accuracies if "over" not in label), key=lambda k: accuracies[k].value
    )
    assert accuracies[best].best


def test_runs_that_were_not_evaluated_are_counted_and_have_no_line(corrupted):
    view = robustness_view(corrupted)
    assert {line.label for line in view.lines}.isdisjoint({"plain", "bad"})
    assert "1 of 5 runs was not evaluated." in view.notes


def test_seeds_of_which_one_was_not_evaluated_have_no_mean(make_entry):
    seeds = [make_entry("vgg", seed=0, fall=0.02), make_entry("vgg", seed=1)]
    assert [line.label for line in robustness_view(compare(seeds)).lines] == ["vgg seed 0"]


def test_it_says_on_which_images_with_which_weights(corrupted):
    words = " ".join(robustness_view(corrupted).notes)
    assert "on the test images with the selected weights" in words
    assert "nothing was trained again" in words


def test_on_synthetic_data_it_says_so(make_entry, make_dataset):
    entry = make_entry(fall=0.05, dataset=make_dataset(synthetic=True))
    assert "on the synthetic test images" in robustness_view(compare([entry])).notes[0]


def test_without_any_record_there_is_no_table(eight, make_entry, make_robustness):
    assert robustness_view(eight) is None
    assert strength_view(eight.rows[0]) is None
    page = compose(eight, (), (), "now")
    assert "Robustness" not in [view.title for view in page.views]
    record, epochs, speed = make_entry()
    failed = record.model_copy(update={"status": "failed"})
    assert robustness_view(compare([Entry(failed, epochs, speed, make_robustness(record))])) is None


def test_a_record_without_any_corruption_has_no_table_by_strength(make_entry):
    record, epochs, speed, found = make_entry(fall=0.05)
    empty = found.model_copy(update={"corruptions": ()})
    comparison = compare([Entry(record, epochs, speed, empty)])
    assert strength_view(comparison.rows[0]) is None


def test_a_loss_that_there_is_not_is_a_gap(make_entry):
    record, epochs, speed, found = make_entry(fall=0.05)
    nothing = found.model_copy(update={"relative_loss": None})
    comparison = compare([Entry(record, epochs, speed, nothing)])
    assert column(robustness_view(comparison), "relative loss %")["vgg"].value is None
    assert "relative loss: –." in strength_view(comparison.rows[0]).notes[0]


def test_a_run_has_its_accuracy_at_each_strength_with_the_parameter(corrupted):
    row = next(row for row in corrupted.done if row.label == "convnet")
    view = strength_view(row)
    assert [line.label for line in view.lines] == ["gaussian noise", "blur"]
    parameter, *cells, mean = view.lines[1].cells
    assert parameter.text == "standard deviation, % of the shorter side"
    for cell, at in zip(cells, row.robustness.corruptions[1].strengths, strict=True):
        assert (cell.value, cell.note) == (at.accuracy, f"at {at.value:g}")
    assert mean.value == pytest.approx(row.robustness.corruptions[1].accuracy)


def test_the_page_and_the_screen_have_the_table(corrupted):
    text = render_markdown(compose(corrupted, (), (), "now"))
    assert "## Robustness" in text
    console = Console(file=io.StringIO(), width=160)
    print_table(corrupted, console)
    shown = console.file.getvalue()
    assert "relative loss" in shown
    # Notes that several tables share are told once, at the end.
    assert shown.count("mean ± standard deviation") == 1


def test_corruptions_drawn_by_other_versions_are_not_called_the_same(make_entry):
    entries = [make_entry(model, fall=0.02) for model in ("a", "b")]
    view = robustness_view(compare(entries))
    assert "Every model sees the same corrupted images." in view.notes[0]
    record, *rest, robustness = entries[1]
    libraries = robustness.libraries | {"pillow": "12.0"}
    entries[1] = (record, *rest, robustness.model_copy(update={"libraries": libraries}))
    [note, *_] = robustness_view(compare(entries)).notes
    assert "same corrupted images" not in note
    assert (
        "drawn by numpy 2.1, pillow 11.0, scipy 1.15 and by numpy 2.1, pillow 12.0, scipy 1.15."
        in note
    )
