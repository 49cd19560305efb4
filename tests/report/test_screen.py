import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.report import compare, print_table, with_pairs
from harness.report.evidence import Evidence
from harness.report.views.classes import clean_class_view
from harness.report.views.verdicts import verdict_view
from harness.schema import AuditCard


def show(comparison, width=100):
    file = io.StringIO()
    print_table(comparison, Console(file=file, width=width))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_number_is_cut_at_any_usual_width(eight, width):
    text = show(eight, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    for row in eight.done:
        test = row.record.test
        expected = [
            f"{100 * test.accuracy:.1f} ({100 * test.accuracy_low:.1f}–"
            f"{100 * test.accuracy_high:.1f})",
            *(f"{100 * one.recall:.1f}" for one in test.recall.values()),
        ]
        for number in expected:
            assert re.search(rf"(^|\s){re.escape(number)}(\s|$)", text), number
    for text_of in ("12840 (batch 64)", "6 min 40 s", "51.8 M", "vgg[depth=3,width=16]"):
        assert text_of in text


def test_a_wide_screen_needs_fewer_tables(eight):
    assert show(eight, 160).count("───\n") < show(eight, 80).count("───\n")


def test_brackets_are_no_markup(make_entry):
    text = show(compare([make_entry("vgg", arguments={"bold": True})]))
    assert "vgg[bold=True]" in text


def test_a_long_label_is_folded_and_whole(make_entry):
    arguments = {f"argument{i}": i for i in range(8)}
    text = show(compare([make_entry("vgg", arguments=arguments)]), 80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "argument7=7]" in text.replace("\n", "")


def test_reasons_stand_below(eight):
    text = show(eight)
    assert "tiny-vit failed: the loss is NaN in <b>epoch 3</b> | a_b" in text
    assert "slow-net timeout: took longer than 10 min" in text


def test_a_long_label_is_folded_between_its_words(make_entry):
    """Cut in a word, it could not be read, nor copied to the next command."""
    name = "net[dropout=0.25,layers=3,width=48]"
    text = show(compare([make_entry(name, seed=seed) for seed in range(2)]), 80)
    assert re.search(rf"^{re.escape(name)} +\d\d", text, re.MULTILINE)
    assert re.search(r"^over 2 seeds +$|^seed 0 +$", text, re.MULTILINE)


def test_without_a_result_only_the_reasons_are_shown(make_entry):
    text = show(compare([make_entry("vgg", status="failed", reason="broken")]))
    assert "vgg failed: broken" in text
    assert "accuracy" not in text


def test_synthetic_data_is_said(make_entry, make_dataset):
    assert "Synthetic data" in show(compare([make_entry(dataset=make_dataset(synthetic=True))]))


def test_seeds_and_bold_are_explained_only_where_they_occur(eight, make_entry):
    assert "mean ± standard deviation" in show(eight, 120)
    assert "Bold: the best" in show(eight, 120)
    one = show(compare([make_entry()]), 120)
    assert "mean ±" not in one
    assert "Bold" not in one


def test_recall_of_very_many_classes_is_left_to_the_files(make_entry):
    classes = tuple(f"class-{i:02d}" for i in range(30))
    assert "class-00" not in show(compare([make_entry(classes=classes)]))


def test_the_best_stands_out_in_colour(make_entry):
    file = io.StringIO()
    comparison = compare([make_entry("a", 2.0), make_entry("b", 1.0)])
    print_table(
        comparison, Console(file=file, width=100, force_terminal=True, color_system="standard")
    )
    assert "\x1b[1;32m72.1\x1b[0m (68.7" in file.getvalue()


@pytest.fixture(scope="module")
def judged(make_entry, evidence):
    def judge(models):
        skills = {f"m{i}": 2.0 if i < 2 else 1.0 for i in range(models)}
        entries = [
            make_entry(model, skill, seed=seed + 3 * (model == "m1"))
            for model, skill in skills.items()
            for seed in range(3)
        ]
        return with_pairs(compare(entries), evidence)

    return judge


def test_what_cannot_be_told_from_the_best_is_marked_and_explained(judged):
    text = show(judged(2), 100)
    assert re.search(r"m\d over 3 seeds +\d\d\.\d ± \d\.\d ≈ ", text)
    assert "≈: in test accuracy not distinguishable from the best" in text
    assert "against" not in text.split("accuracy %")[1].split("Cost")[0].split("The cost")[0]


def test_a_few_models_have_a_matrix_and_many_have_none(judged):
    three = show(judged(3), 120)
    assert three.count("against m") == 3 + three.count("The cost of")
    assert "▲ better" in three
    assert "▼ worse" in three
    assert "▲ better" not in show(judged(7), 120)


def test_the_clean_test_stands_beside_the_test(make_entry, make_metrics):
    clean = make_metrics(1.0, n=500)
    text = show(compare([make_entry("vgg", test_clean=clean)]), 120)
    assert f"{100 * clean.accuracy:.1f} ({100 * clean.accuracy_low:.1f}–" in text
    assert "Clean %: accuracy on the test images without a twin" in text


def test_where_near_twins_were_not_told_only_exact_ones_are_claimed(make_by_heart):
    made, texts = make_by_heart(), []

    def said(comparison):
        views = clean_class_view(comparison), verdict_view(comparison, "clean")
        notes = " ".join(note for view in views for note in view.notes)
        return f"{show(comparison, 120)} {notes}"

    for near in (100, None):
        card = AuditCard(version=1, clean_sha256="x", clean=800, exact=300, near=near)
        entries = [(one.model_copy(update={"audit": card}), *rest) for one, *rest in made.entries]
        texts.append(said(with_pairs(compare(entries), made.read)))
    # In the headline and under the tables of results, recall per class and verdicts.
    for text, count in zip(texts, (0, 4), strict=True):
        words = " ".join(text.split())
        assert words.count("without an exact twin") == count
        assert words.count("without a twin") == 4 - count


def test_of_very_many_runs_the_seeds_are_left_to_the_files(make_entry, monkeypatch):
    entries = [make_entry("vgg", 2.0, seed=seed) for seed in range(3)]
    comparison = compare([*entries, make_entry("lone", 1.0)])
    monkeypatch.setattr("harness.report.screen.LINES", 5)
    assert "vgg seed 2" in show(comparison)
    assert "too many" not in show(comparison)
    monkeypatch.setattr("harness.report.screen.LINES", 4)
    text = show(comparison)
    assert "vgg seed" not in text
    assert "vgg over 3 seeds" in text
    assert "lone" in text
    assert text.count("The lines of single seeds are too many") == 1


def test_of_two_models_too_it_is_said_which_seeds_a_verdict_is_without(make_entry, evidence):
    entries = [
        make_entry(name, skill, seed=s) for name, skill in (("a", 2), ("b", 1)) for s in range(3)
    ]

    def read(record):
        return Evidence() if (record.model, record.seed) == ("a", 1) else evidence(record)

    text = " ".join(show(with_pairs(compare(entries), read)).split())
    assert "a is judged without seed 1 (there are no predictions)." in text
