import pytest

from harness.report import compare, with_pairs
from harness.report.evidence import nothing
from harness.report.views import main_view, mark_alike, verdict_view
from harness.report.views.verdicts import MOST


@pytest.fixture(scope="module")
def judged(make_entry, evidence):
    """Two models that are alike, one that is far behind, and a file far behind."""
    return with_pairs(
        compare(
            [
                *(make_entry("a", 2.0, seed=seed) for seed in range(3)),
                *(make_entry("b", 1.99, seed=seed) for seed in range(3)),
                *(make_entry("c", 1.0, seed=seed) for seed in range(3)),
                make_entry("d", 0.5),
            ]
        ),
        evidence,
    )


def matrix(view):
    labels = [line.label for line in view.lines]
    return {
        (line.label, other): cell
        for line in view.lines
        for other, cell in zip(labels, line.cells, strict=True)
    }


def test_each_verdict_stands_in_words_with_a_sign_and_the_figures(judged):
    cells = matrix(verdict_view(judged))
    assert set(cells) == {(x, y) for x in "abcd" for y in "abcd"}
    best, second = (group.label for group in judged.groups[:2])
    assert cells[best, second].text == cells[second, best].text == "≈ inconclusive"
    assert (cells[best, "c"].text, cells["c", best].text) == ("▲ better", "▼ worse")
    for (first, other), cell in cells.items():
        if first == other:
            assert cell.text == "–"
            continue
        pair = judged.pairs.between(first, other)
        value = f"{100 * pair.value:+.1f}".replace("-", "−")
        p = "p < 0.001" if pair.p_holm < 0.001 else f"p = {pair.p_holm:.2f}"
        files = ", files" if "d" in (first, other) else ""
        assert cell.note == f"{value}, {p}{files}"
        assert cell.value == pair.value


def test_the_heads_say_against_whom(judged):
    heads = verdict_view(judged).heads
    assert [head.text for head in heads] == [f"against {g.label}" for g in judged.groups]
    assert all(head.words and head.better is None for head in heads)


def test_models_and_weight_files_are_explained_where_they_occur(judged, make_entry, evidence):
    notes = " ".join(verdict_view(judged).notes)
    assert "corrected for 6 pairs (Holm)" in notes
    assert (
        "the verdict is on models, by a bootstrap over images with the variance over seeds" in notes
    )
    assert "the verdict is on one weight file each, by the exact McNemar test" in notes
    two = with_pairs(compare([make_entry("a", 2.0), make_entry("b", 1.0)]), evidence)
    alone = " ".join(verdict_view(two).notes)
    assert "bootstrap" not in alone
    assert "corrected" not in alone
    models = [group for group in judged.groups if group.label != "d"]
    three = compare([(r.record, (), None) for group in models for r in group.rows])
    assert "weight file" not in " ".join(verdict_view(with_pairs(three, evidence)).notes)


def test_without_a_pair_there_is_no_matrix(make_entry, evidence):
    comparison = compare([make_entry("a"), make_entry("b", 1.0)])
    assert verdict_view(comparison) is None
    assert verdict_view(with_pairs(comparison, nothing)) is None
    assert verdict_view(with_pairs(compare([make_entry("a")]), evidence)) is None


def test_of_many_configurations_the_best_are_shown(make_entry, evidence):
    many = [make_entry(f"m{i:02d}", 0.5 + 0.1 * i) for i in range(MOST + 3)]
    comparison = with_pairs(compare(many), evidence)
    view = verdict_view(comparison)
    assert [line.label for line in view.lines] == [g.label for g in comparison.groups[:MOST]]
    assert {len(line.cells) for line in view.lines} == {MOST} == {len(view.heads)}
    assert f"The {MOST} of {MOST + 3} configurations" in " ".join(view.notes)
    assert "all 105 pairs are in pairs.csv" in " ".join(view.notes)


def test_what_was_left_out_stands_below_and_not_in_the_matrix(make_entry, evidence):
    lost = make_entry("lost", 3.0)

    def read(record):
        return nothing(record) if record.model == "lost" else evidence(record)

    comparison = with_pairs(compare([make_entry("a", 2.0), lost, make_entry("b", 1.0)]), read)
    view = verdict_view(comparison)
    assert [line.label for line in view.lines] == ["a", "b"]
    assert view.notes[-1] == "In no pair: lost (there are no predictions)."
    # Without a verdict against the best, nothing is said of being alike.
    assert "≈" not in " ".join(mark_alike(main_view(comparison), comparison).notes)


def accuracy(view):
    return {line.label: line.cells[0] for line in view.lines}


def test_what_cannot_be_told_from_the_best_is_marked_over_seeds(judged):
    cells = accuracy(mark_alike(main_view(judged), judged))
    best, second = (group.label for group in judged.groups[:2])
    assert cells[f"{second} over 3 seeds"].note.endswith(" ≈")
    assert cells[f"{second} over 3 seeds"].aside.startswith(" ± ")
    marked = {label for label, cell in cells.items() if "≈" in cell.text + cell.note}
    assert marked == {f"{second} over 3 seeds"}
    notes = mark_alike(main_view(judged), judged).notes
    assert (
        f"≈: in test accuracy not distinguishable from the best, {best}, corrected for 6 pairs "
        "(Holm)." in notes
    )


def test_a_weight_file_is_marked_in_its_own_line(make_entry, evidence):
    entries = [make_entry("a", 2.0, seed=s) for s in (0, 1)]
    entries += [make_entry("b", 1.98, seed=s) for s in (1, 2)]
    comparison = with_pairs(compare(entries), evidence)
    other = comparison.groups[1].label
    cells = accuracy(mark_alike(main_view(comparison), comparison))
    marked = {label for label, cell in cells.items() if "≈" in cell.text + cell.note}
    assert marked == {f"{other} seed 1", f"{other} over 2 seeds"}
    assert cells[f"{other} seed 1"].text.endswith(" ≈")
    [note] = (note for note in mark_alike(main_view(comparison), comparison).notes if "≈" in note)
    assert note.endswith("; with fewer than three seeds, by one weight file of each.")


def test_nothing_is_marked_where_nothing_was_judged(eight):
    assert mark_alike(main_view(eight), eight) == main_view(eight)


def test_that_nothing_could_be_judged_is_said(make_entry):
    comparison = with_pairs(compare([make_entry("a"), make_entry("b", 1.0)]), nothing)
    assert mark_alike(main_view(comparison), comparison).notes[-2:] == (
        "No two models could be judged.",
        "In no pair: a, b (there are no predictions).",
    )


def test_verdicts_without_twins_are_a_matrix_of_their_own(make_by_heart):
    made = make_by_heart()
    comparison = with_pairs(compare(made.entries), made.read)
    view = verdict_view(comparison, "clean")
    assert view.title == "Verdicts on the clean test"
    assert matrix(view)["a", "b"].text == "▼ worse"
    assert matrix(verdict_view(comparison))["a", "b"].text == "▲ better"
    (note,) = view.notes
    assert note.startswith("The same on the 800 test images without a twin in training, a family")


def test_without_an_audit_there_is_no_matrix_without_twins(judged):
    assert verdict_view(judged, "clean") is None
