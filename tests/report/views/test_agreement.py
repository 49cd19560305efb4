import statistics

import pandas as pd
import pytest

from harness.evaluate.statistics import wilson
from harness.report import compare, write_report
from harness.report.card import protocol_card
from harness.report.extras import agreement_frame
from harness.report.views import agreement_view
from harness.schema import AgreementShare, Recipe

EDGES = (0.0, 0.5, 0.7, 0.9, 1.0)


def shares(*hits, n=100):
    """Bins of ``n`` images of which so many are right; None is a bin without images."""
    parts = []
    for low, high, right in zip(EDGES, EDGES[1:], hits, strict=False):
        below, above = (None, None) if right is None else wilson(right, n)
        parts.append(
            AgreementShare(
                low=low,
                high=high,
                n=0 if right is None else n,
                accuracy=None if right is None else right / n,
                accuracy_low=below,
                accuracy_high=above,
            )
        )
    return tuple(parts)


@pytest.fixture
def comparison(make_entry):
    return compare(
        [
            make_entry("a", 1.9, seed=0, agreement=shares(30, 50, 75, 90)),
            make_entry("a", 1.9, seed=1, agreement=shares(34, 52, 71, 92)),
            make_entry("b", 1.2, agreement=shares(20, 40, 60, 80)),
            make_entry("c", status="failed"),
        ]
    )


def row(view, label):
    return next(line for line in view.lines if line.label == label).cells


def test_there_is_no_table_without_votes(make_entry):
    plain = compare([make_entry("a")])
    assert agreement_view(plain) is None
    assert agreement_frame(plain).empty


def test_columns_are_bins_with_their_number_of_images(comparison):
    heads = agreement_view(comparison).heads
    assert [head.text for head in heads] == [
        "agreement up to 50 %",
        "above 50 to 70 %",
        "above 70 to 90 %",
        "above 90 to 100 %",
    ]
    assert {head.note for head in heads} == {"n = 100"}


def test_lines_are_runs_with_wilsons_interval_and_the_best_marked(comparison):
    view = agreement_view(comparison)
    cells = row(view, "a seed 1")
    assert [cell.text for cell in cells] == ["34.0", "52.0", "71.0", "92.0"]
    low, high = wilson(34, 100)
    assert cells[0].note == f"{100 * low:.1f}–{100 * high:.1f}"
    assert cells[0].best
    assert not row(view, "b")[0].best
    assert not any(line.kind == "unfinished" for line in view.lines)


def test_seeds_are_summarised_as_mean_and_deviation(comparison):
    cells = row(agreement_view(comparison), "a over 2 seeds")
    assert cells[0].text == "32.0"
    assert cells[0].note == f"± {100 * statistics.stdev([0.30, 0.34]):.1f}"


def test_gaps_are_gaps(make_entry):
    some = [make_entry("a", agreement=shares(None, 1, 2, 3, n=5)), make_entry("b")]
    view = agreement_view(compare(some))
    assert [cell.text for cell in row(view, "a")] == ["–", "20.0", "40.0", "60.0"]
    assert {cell.text for cell in row(view, "b")} == {"–"}
    assert view.heads[0].note == "n = 0"


def test_bins_of_different_data_have_no_common_number(make_entry):
    view = agreement_view(
        compare(
            [
                make_entry("a", agreement=shares(1, 1, 1, 1, n=5)),
                make_entry("b", agreement=shares(1, 1, 1, 1, n=6)),
            ]
        )
    )
    assert {head.note for head in view.heads} == {""}


def test_the_table_for_programs_has_a_row_a_run_and_bin(comparison):
    frame = agreement_frame(comparison)
    assert len(frame) == 3 * 4
    part = frame[(frame["model"] == "b") & (frame["low"] == 0.7)].iloc[0]
    assert (part["high"], part["n"], part["accuracy"]) == (0.9, 100, 0.6)
    assert (part["accuracy_low"], part["accuracy_high"]) == wilson(60, 100)


def test_the_report_shows_it_where_there_is_something_to_show(comparison, make_entry, tmp_path):
    write_report(comparison, tmp_path, generated_at="now")
    assert "## Accuracy by agreement" in (tmp_path / "report.md").read_text()
    assert "Accuracy by agreement" in (tmp_path / "index.html").read_text()
    again = pd.read_csv(tmp_path / "agreement.csv")
    assert again["accuracy"].tolist() == agreement_frame(comparison)["accuracy"].tolist()
    write_report(compare([make_entry("a")]), tmp_path, generated_at="now")
    assert "by agreement" not in (tmp_path / "report.md").read_text()
    assert not (tmp_path / "agreement.csv").exists()


def test_the_card_names_the_votes(make_entry, make_dataset):
    data = make_dataset().model_copy(update={"votes_sha256": "12ab" * 16})
    facts = {fact.name: fact.text for fact in protocol_card(compare([make_entry(dataset=data)]))}
    assert facts["votes"] == "of annotators (SHA-256 12ab12ab)"


def test_runs_that_were_trained_on_other_votes_are_no_seeds_of_one_model(make_entry, make_dataset):
    def entries(targets):
        recipe = Recipe(epochs=2, targets=targets)
        for seed, sha256 in enumerate(("a", "b")):
            data = make_dataset().model_copy(update={"votes_sha256": sha256 * 64})
            yield make_entry(seed=seed, dataset=data, recipe=recipe)

    assert len(compare(entries("votes")).groups) == 2
    assert len(compare(entries("labels")).groups) == 1


def test_what_is_binned_by_other_votes_is_not_held_against_it(make_entry, make_dataset, cell):
    """A bin holds other images then."""
    data = [make_dataset().model_copy(update={"votes_sha256": name * 64}) for name in "ab"]
    models = [
        make_entry(name, 1.5, agreement=shares(30, 50, 75, hits), dataset=one)
        for name, hits, one in zip("ab", (90, 80), data, strict=True)
    ]
    assert not agreement_view(compare(models)).marks
    seeds = [
        make_entry("a", 1.5, seed=seed, agreement=shares(30, 50, 75, 90), dataset=one)
        for seed, one in enumerate(data)
    ]
    view = agreement_view(compare(seeds))
    assert {c.text for line in view.lines if line.kind == "summary" for c in line.cells} == {"–"}
