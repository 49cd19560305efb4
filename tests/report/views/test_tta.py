import io

import pytest
from rich.console import Console

from harness.report import compare, print_table
from harness.report.card import protocol_card
from harness.report.views import main_view, speed_view
from harness.report.views.single import quality_view
from harness.schema import Protocol, Recipe


@pytest.fixture
def with_views(make_entry, make_metrics):
    """Make a run that was evaluated over views, timed with them, too."""

    def make(model, kind, skill=1.5, seed=0):
        record, epochs, speed = make_entry(
            model,
            skill,
            seed=seed,
            recipe=Recipe(epochs=30, tta=kind),
            protocol=Protocol(tta=kind),
            test_tta=make_metrics(skill + 0.2, seed),
            valid_tta=make_metrics(skill + 0.3, seed),
            test_clean_tta=make_metrics(skill + 0.1, seed),
        )
        rates = {size: rate for size, rate in speed.inference.items() if size > 1}
        return record, epochs, speed.model_copy(update={"tta": kind, "inference_tta": rates})

    return make


def test_accuracy_over_views_stands_beside_the_plain_one(with_views, make_entry, cell):
    entries = [with_views("a", "flip"), with_views("b", "views10", 1.2), make_entry("c", 1.0)]
    view = main_view(compare(entries))
    assert [head.text for head in view.heads][3:5] == [
        "accuracy with flip %",
        "accuracy with views10 %",
    ]
    record = entries[0][0]
    found = cell(view, "a", "accuracy with flip %")
    assert found.text == f"{100 * record.test_tta.accuracy:.1f}"
    low, high = record.test_tta.accuracy_low, record.test_tta.accuracy_high
    assert found.note == f"{100 * low:.1f}–{100 * high:.1f}"
    assert cell(view, "a", "accuracy %").text == f"{100 * record.test.accuracy:.1f}"
    assert (
        cell(view, "b", "accuracy with flip %").text
        == cell(view, "c", "accuracy with flip %").text
        == "–"
    )
    assert sum("mean probabilities over" in note for note in view.notes) == 2


def test_seeds_have_their_mean_over_views(with_views, cell):
    entries = [with_views("a", "flip", seed=seed) for seed in range(2)]
    found = cell(main_view(compare(entries)), "a over 2 seeds", "accuracy with flip %")
    mean = sum(record.test_tta.accuracy for record, _, _ in entries) / 2
    assert found.value == pytest.approx(mean)


def test_the_cost_of_views_stands_in_the_column_of_throughput(with_views, make_entry, cell):
    comparison = compare([with_views("a", "flip"), make_entry("b", 1.0)])
    view = main_view(comparison)
    assert cell(view, "a", "inference img/s").note == "batch 64; flip 3210"
    assert cell(view, "b", "inference img/s").note == "batch 64"
    speeds = speed_view(comparison)
    assert cell(speeds, "a", "inference with flip img/s, batch 256").text == "3105"
    assert cell(speeds, "b", "inference with flip img/s, batch 256").text == "–"
    assert not any(h.text[-7:] == "batch 1" and "flip" in h.text for h in speeds.heads)


def test_without_views_there_is_no_such_column(eight):
    assert not any("with " in head.text for head in main_view(eight).heads)
    assert not any("with " in head.text for head in speed_view(eight).heads)


def test_the_page_of_a_run_lists_every_split_over_views(with_views, cell):
    record, _, _ = with_views("a", "views10")
    view = quality_view(record)
    assert [line.label for line in view.lines] == [
        "test",
        "test with views10",
        "test without twins with views10",
        "validation with views10",
        "validation",
        "training",
    ]
    assert cell(view, "test with views10", "accuracy %").value == record.test_tta.accuracy
    assert cell(view, "test", "accuracy %").value == record.test.accuracy
    assert cell(view, "test", "Brier").text == f"{record.test.brier:.3f}"


def test_the_screen_shows_both_numbers(with_views):
    entry = with_views("a", "flip")
    comparison, record = compare([entry]), entry[0]
    out = io.StringIO()
    print_table(comparison, Console(file=out, width=160))
    text = " ".join(out.getvalue().split())
    for found in (record.test, record.test_tta):
        low, high = 100 * found.accuracy_low, 100 * found.accuracy_high
        assert f"{100 * found.accuracy:.1f} ({low:.1f}–{high:.1f})" in text
    assert "the image and its mirror image" in text


def test_the_protocol_card_says_what_was_averaged(with_views, make_entry):
    facts = {fact.name: fact for fact in protocol_card(compare([with_views("a", "flip")]))}
    assert facts["test-time augmentation"].text == (
        "flip: mean probabilities over the image and its mirror image, beside the plain figures"
    )
    facts = {fact.name: fact for fact in protocol_card(compare([make_entry("a")]))}
    assert facts["test-time augmentation"].text == "none"
