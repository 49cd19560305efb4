import pytest

from harness.report import compare
from harness.report.table_html import table_html
from harness.report.views import (
    class_view,
    clean_class_view,
    main_view,
    speed_view,
)
from harness.report.views.columns import fastest
from harness.report.views.table import Cell
from harness.schema import AuditCard, Rate, Recipe


def test_the_fastest_batch_size_is_the_smallest_of_equals():
    rates = {n: Rate(images_per_second=v, low=v, high=v, rounds=1) for n, v in ((8, 2), (4, 2))}
    assert fastest(rates)[0] == 4
    assert fastest({}) is None


def test_the_main_table_shows_quality_beside_cost(eight, cell, heads):
    view = main_view(eight)
    assert heads(view) == [
        *("valid %", "accuracy %", "UAR %", "macro-F1 %"),
        *("parameters", "FLOPs", "training img/s", "inference img/s", "latency p50 ms"),
        *("peak memory", "training time"),
        *eight.dataset.classes,
    ]
    test = next(row for row in eight.rows if row.label == "convnet").record.test
    accuracy = cell(view, "convnet", "accuracy %")
    assert accuracy.text == f"{100 * test.accuracy:.1f}"
    assert accuracy.note == f"{100 * test.accuracy_low:.1f}–{100 * test.accuracy_high:.1f}"
    assert cell(view, "convnet", "sad").text == f"{100 * test.recall['sad'].recall:.1f}"
    texts = {head: cell(view, "convnet", head) for head in heads(view)}
    assert texts["parameters"].text == "691 k"
    assert texts["FLOPs"].text == "51.8 M"
    assert texts["training img/s"].text == "4938"
    assert (texts["inference img/s"].text, texts["inference img/s"].note) == ("12840", "batch 64")
    assert texts["latency p50 ms"].text == "1.19"
    assert texts["peak memory"].text == "360 MB"
    assert texts["training time"].text == "4 min"


def test_seeds_are_summarised_below_the_runs(eight, cell):
    view = main_view(eight)
    kinds = [line.kind for line in view.lines]
    assert kinds == ["run"] * 8 + ["summary"] + ["unfinished"] * 3
    summary = cell(view, "vgg over 3 seeds", "accuracy %")
    accuracies = [r.record.test.accuracy for r in eight.rows if r.label.startswith("vgg seed")]
    assert summary.value == pytest.approx(sum(accuracies) / 3)
    assert summary.note.startswith("± ")
    assert cell(view, "vgg over 3 seeds", "inference img/s").text == "1605"
    assert "A line over several seeds is their mean ± standard deviation." in view.notes


def test_every_line_names_its_configuration_whatever_tells_runs_apart(make_record):
    records = [
        make_record("vgg", seed=seed, precision=precision)
        for precision in ("float32", "bfloat16")
        for seed in range(2)
    ]
    comparison = compare([(record, []) for record in records])
    view = main_view(comparison)
    groups = {line.label: line.group for line in view.lines}
    assert groups["vgg bfloat16 seed 0"] == "vgg bfloat16"
    assert groups["vgg bfloat16 over 2 seeds"] == "vgg bfloat16"
    html = table_html(view)
    assert '<tr class="run" data-group="vgg bfloat16"><th scope="row">vgg bfloat16 seed 0' in html
    assert "data-group" not in table_html(main_view(compare([(records[0], [])])))


def test_seeds_that_agree_on_a_measurement_have_a_deviation_of_0(make_record, cell):
    entries = [(make_record("vgg", seed=seed).model_copy(), []) for seed in range(2)]
    test = entries[0][0].test
    alike = [(record.model_copy(update={"test": test}), epochs) for record, epochs in entries]
    for name in ("accuracy %", "UAR %", "macro-F1 %"):
        assert cell(main_view(compare(alike)), "vgg over 2 seeds", name).note == "± 0.0"
    assert cell(main_view(compare(alike)), "vgg over 2 seeds", "parameters").note == ""


def test_a_run_stands_there_with_an_interval_for_each_figure_over_all_classes(make_entry, cell):
    entry = make_entry("vgg")
    view = main_view(compare([entry]))
    low, high = (f"{100 * end:.1f}" for end in entry[0].test.macro_f1_interval)
    assert cell(view, "vgg", "macro-F1 %").aside == f" ({low}–{high})"
    for name in ("accuracy %", "UAR %"):
        assert cell(view, "vgg", name).aside.startswith(" (")


def test_one_timing_of_all_seeds_has_no_deviation(make_entry, cell):
    view = main_view(compare([make_entry("vgg", seed=seed) for seed in range(2)]))
    alone = main_view(compare([make_entry("vgg")]))
    for name in ("training img/s", "inference img/s", "latency p50 ms"):
        assert cell(view, "vgg over 2 seeds", name) == cell(view, "vgg seed 0", name)
        assert cell(view, "vgg over 2 seeds", name).text == cell(alone, "vgg", name).text


def test_seeds_of_which_one_has_no_number_have_no_mean(make_entry, cell):
    record, epochs, speed = make_entry("vgg", seed=1)
    without = (record.model_copy(update={"cost": None}), epochs, speed)
    view = main_view(compare([make_entry("vgg"), without]))
    assert cell(view, "vgg over 2 seeds", "parameters").text == "–"


def test_seeds_timed_on_two_machines_have_no_mean_speed(make_record, make_speed, cell):
    entries = []
    for seed, machine in enumerate(("one", "two")):
        record = make_record("vgg", seed=seed)
        entries.append((record, [], make_speed(record, machine=machine)))
    view = main_view(compare(entries))
    assert cell(view, "vgg over 2 seeds", "training img/s").text == "–"
    assert cell(view, "vgg over 2 seeds", "accuracy %").text != "–"


def test_unfinished_runs_show_their_status(eight):
    view = main_view(eight)
    line = next(line for line in view.lines if line.label == "tiny-vit")
    assert [one.text for one in line.cells] == ["failed"] + ["–"] * (len(view.heads) - 1)


def test_with_one_run_nothing_is_bold(make_entry):
    view = main_view(compare([make_entry("vgg"), make_entry("bad", status="failed")]))
    assert not view.marks
    assert not any("Bold" in note for note in view.notes)


def test_speeds_are_best_within_a_machine_only_and_the_machine_is_shown(
    make_entry, make_speed, cell
):
    entries = []
    for model, factor, machine in (("a", 1, "one"), ("b", 2, "one"), ("c", 50, "two")):
        record, epochs, _ = make_entry(model, factor / 2 if factor < 3 else 0.2)
        entries.append((record, epochs, make_speed(record, factor, machine)))
    view = main_view(compare(entries))
    best = {label: cell(view, label, "training img/s").best for label in "abc"}
    assert best == {"a": False, "b": True, "c": False}
    assert [cell(view, label, "timed on").text for label in "abc"] == ["one", "one", "two"]
    assert [cell(view, label, "trained on").text for label in "abc"] == ["3f2a9c11"] * 3
    assert any("Several machines" in note for note in view.notes)
    assert any(cell(view, label, "parameters").best for label in "abc")


def test_machines_that_train_and_time_alike_are_one_column(
    make_entry, make_environment, cell, heads
):
    entries = []
    for model, machine in (("a", "one"), ("b", "two")):
        where = make_environment(machine)
        record, epochs, speed = make_entry(model, environment=where)
        entries.append((record, epochs, speed.model_copy(update={"environment": where})))
    entries.append(make_entry("c", environment=None, speed=False))
    view = main_view(compare(entries))
    assert heads(view).count("machine") == 1
    assert cell(view, "c", "machine").text == "–"


def test_what_nobody_timed_is_no_further_machine(make_entry, heads):
    view = main_view(compare([make_entry("a"), make_entry("b", speed=False)]))
    assert {"machine", "timed on", "trained on"}.isdisjoint(heads(view))
    assert not any("Several machines" in note for note in view.notes)


def test_what_nobody_timed_has_the_machine_that_trained_it(
    make_entry, make_environment, cell, heads
):
    entries = [make_entry("a"), make_entry("b", speed=False, environment=make_environment("two"))]
    view = main_view(compare(entries))
    assert [cell(view, label, "machine").text for label in "ab"] == ["3f2a9c11", "two"]
    assert {"timed on", "trained on"}.isdisjoint(heads(view))


DRIFTS = "between sessions it drifts"


@pytest.mark.parametrize(
    ("second", "several"),
    [
        ({}, False),
        ({"measured_at": "2026-01-02T04:04:06+00:00"}, False),
        ({"measured_at": "2026-01-03T04:04:05Z"}, True),
        ({"beside": ()}, True),
        ({"machine": "other", "beside": ()}, False),
        ({"measured_at": "yesterday"}, True),
    ],
)
def test_speeds_of_several_sessions_are_told(make_record, make_speed, second, several):
    one, two = make_record("a"), make_record("b")
    comparison = compare([(one, [], make_speed(one)), (two, [], make_speed(two, **second))])
    for view in (main_view(comparison), speed_view(comparison)):
        assert any(DRIFTS in note for note in view.notes) is several


def test_a_model_with_several_recipes_is_chosen_by_the_validation_images(make_entry, cell, heads):
    changes = [{"learning_rate": rate} for rate in (0.1, 0.2)]
    entries = [
        make_entry("vgg", 1.8, overrides=one, recipe=Recipe(epochs=30, **one)) for one in changes
    ]
    view = main_view(compare(entries))
    assert heads(view)[:2] == ["valid %", "accuracy %"]
    for record, *_ in entries:
        label = f"vgg learning_rate={record.overrides['learning_rate']}"
        assert cell(view, label, "valid %").value == record.valid.accuracy
    assert any(note.startswith("Valid %: ") for note in view.notes)


@pytest.mark.parametrize("other", [{"seed": 1}, {"model": "b"}, {"precision": "bfloat16"}])
def test_where_there_is_no_recipe_to_choose_there_is_no_column_for_it(make_entry, other, heads):
    view = main_view(compare([make_entry("a"), make_entry(**({"model": "a"} | other))]))
    assert "valid %" not in heads(view)
    assert not any("Valid %" in note for note in view.notes)


def test_time_without_that_of_teachers_is_told(make_entry):
    own, taught = make_entry("vgg"), make_entry("net", recipe=Recipe(teachers="1ea8f18eecfa"))
    notes = [" ".join(main_view(compare(entries)).notes) for entries in ([own], [own, taught])]
    assert ["with teachers is its own" in note for note in notes] == [False, True]


def test_without_speeds_the_table_says_how_to_take_them(make_entry, cell):
    view = main_view(compare([make_entry("vgg", speed=False)]))
    assert cell(view, "vgg", "training img/s").text == "–"
    assert any("harness run` without --no-speed" in note for note in view.notes)


def test_accuracy_on_the_clean_test_stands_in_the_main_table(audited, cell):
    view = main_view(audited)
    clean = next(row for row in audited.rows if row.label == "a").record.test_clean
    found = cell(view, "a", "clean %")
    assert found.text == f"{100 * clean.accuracy:.1f}"
    assert found.note == f"{100 * clean.accuracy_low:.1f}–{100 * clean.accuracy_high:.1f}"
    assert found.best
    assert cell(view, "c", "clean %") == Cell()
    assert any("without a twin in the training split" in note for note in view.notes)


def test_without_an_audit_nothing_is_said_of_the_clean_test(eight, heads):
    view = main_view(eight)
    assert "clean %" not in heads(view)
    assert not any("twin" in note for note in view.notes)
    assert clean_class_view(eight) is None


def test_numbers_on_other_clean_images_are_not_compared(make_entry, make_metrics, cell):
    entries = []
    for name, digest in (("a", "x"), ("b", "y")):
        card = AuditCard(version=1, clean_sha256=digest, clean=500, exact=150, near=50)
        skill = 1.5 + (name == "b")
        clean = make_metrics(skill, n=500)
        entries.append(make_entry(name, skill, audit=card, test_clean=clean))
    comparison = compare(entries)
    view, by_class = main_view(comparison), clean_class_view(comparison)
    assert not cell(view, "a", "clean %").best
    assert not cell(view, "b", "clean %").best
    assert not by_class.marks
    assert class_view(comparison).marks


def test_a_timing_that_failed_is_not_said_to_have_been_left_out(make_record, make_speed):
    record = make_record("vgg")
    failed = make_speed(record, status="failed", reason="out of memory", train_step=None)
    failed = failed.model_copy(update={"inference": {}, "latency_ms": {}})
    notes = " ".join(main_view(compare([(record, [], failed)])).notes)
    assert "The timing did not finish: the report's table of speed says why." in notes
    assert "--no-speed" not in notes
