import numpy as np
import pytest

from harness.report import compare
from harness.report.table_html import table_html
from harness.report.views import (
    class_view,
    clean_class_view,
    main_view,
    speed_view,
    unfinished_view,
)
from harness.report.views.columns import fastest
from harness.report.views.table import Cell, Head, Line, mark_best
from harness.schema import AuditCard, Rate, Recipe


def cell(view, label, head):
    line = next(line for line in view.lines if line.label == label)
    return line.cells[[h.text for h in view.heads].index(head)]


def heads(view):
    return [head.text for head in view.heads]


def marked(heads, *rows, kind="run"):
    lines = [Line(str(i), row, kind) for i, row in enumerate(rows)]
    return [[one.best for one in line.cells] for line in mark_best(heads, lines)]


UP, DOWN, NEITHER = Head("up", "high"), Head("down", "low"), Head("neither")


def test_the_best_is_the_highest_or_the_lowest_as_the_head_says():
    rows = [tuple(Cell(str(v), value=v) for v in (v, v, v)) for v in (1.0, 2.0)]
    assert marked([UP, DOWN, NEITHER], *rows) == [[False, True, False], [True, False, False]]


def test_a_single_row_and_equal_rows_have_no_best():
    assert marked([UP], (Cell("1", value=1.0),)) == [[False]]
    assert marked([UP], (Cell("1", value=1.0),), (Cell("1", value=1.0),)) == [[False], [False]]


def test_what_reads_like_the_best_is_marked_too():
    rows = [(Cell("1.0", value=1.01),), (Cell("1.0", value=1.02),), (Cell("0.5", value=0.5),)]
    assert marked([UP], *rows) == [[True], [True], [False]]


def test_the_best_is_sought_within_a_scope_only():
    rows = [(Cell(str(v), value=v, scope=s),) for v, s in ((1.0, "a"), (2.0, "a"), (9.0, "b"))]
    assert marked([UP], *rows) == [[False], [True], [False]]


def test_gaps_and_zero_are_told_apart():
    assert marked([DOWN], (Cell(),), (Cell("0", value=0.0),), (Cell("1", value=1.0),)) == [
        [False],
        [True],
        [False],
    ]


def test_unfinished_rows_are_never_marked():
    rows = [(Cell("1", value=1.0),), (Cell("2", value=2.0),)]
    assert marked([UP], *rows, kind="unfinished") == [[False], [False]]


def test_a_note_stands_in_brackets_unless_it_is_a_deviation():
    assert [Cell("1", note).aside for note in ("", "0–2", "± 1")] == ["", " (0–2)", " ± 1"]


def test_the_fastest_batch_size_is_the_smallest_of_equals():
    rates = {n: Rate(images_per_second=v, low=v, high=v, rounds=1) for n, v in ((8, 2), (4, 2))}
    assert fastest(rates)[0] == 4
    assert fastest({}) is None


def test_the_main_table_shows_quality_beside_cost(eight):
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


def test_seeds_are_summarised_below_the_runs(eight):
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
    assert groups["vgg seed 0 bfloat16"] == "vgg bfloat16"
    assert groups["vgg bfloat16 over 2 seeds"] == "vgg bfloat16"
    html = table_html(view)
    assert '<tr class="run" data-group="vgg bfloat16"><th scope="row">vgg seed 0 bfloat16' in html
    assert "data-group" not in table_html(main_view(compare([(records[0], [])])))


def test_seeds_that_agree_on_a_measurement_have_a_deviation_of_0(make_record):
    entries = [(make_record("vgg", seed=seed).model_copy(), []) for seed in range(2)]
    test = entries[0][0].test
    alike = [(record.model_copy(update={"test": test}), epochs) for record, epochs in entries]
    for name in ("accuracy %", "UAR %", "macro-F1 %"):
        assert cell(main_view(compare(alike)), "vgg over 2 seeds", name).note == "± 0.0"
    assert cell(main_view(compare(alike)), "vgg over 2 seeds", "parameters").note == ""


def test_one_timing_of_all_seeds_has_no_deviation(make_entry):
    view = main_view(compare([make_entry("vgg", seed=seed) for seed in range(2)]))
    alone = main_view(compare([make_entry("vgg")]))
    for name in ("training img/s", "inference img/s", "latency p50 ms"):
        assert cell(view, "vgg over 2 seeds", name) == cell(view, "vgg seed 0", name)
        assert cell(view, "vgg over 2 seeds", name).text == cell(alone, "vgg", name).text


def test_seeds_of_which_one_has_no_number_have_no_mean(make_entry):
    record, epochs, speed = make_entry("vgg", seed=1)
    without = (record.model_copy(update={"cost": None}), epochs, speed)
    view = main_view(compare([make_entry("vgg"), without]))
    assert cell(view, "vgg over 2 seeds", "parameters").text == "–"


def test_seeds_timed_on_two_machines_have_no_mean_speed(make_record, make_speed):
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


def test_speeds_are_best_within_a_machine_only_and_the_machine_is_shown(make_entry, make_speed):
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


def test_machines_that_train_and_time_alike_are_one_column(make_entry, make_environment):
    entries = []
    for model, machine in (("a", "one"), ("b", "two")):
        where = make_environment(machine)
        record, epochs, speed = make_entry(model, environment=where)
        entries.append((record, epochs, speed.model_copy(update={"environment": where})))
    entries.append(make_entry("c", environment=None, speed=False))
    view = main_view(compare(entries))
    assert heads(view).count("machine") == 1
    assert cell(view, "c", "machine").text == "–"


def test_what_nobody_timed_is_no_further_machine(make_entry):
    view = main_view(compare([make_entry("a"), make_entry("b", speed=False)]))
    assert {"machine", "timed on", "trained on"}.isdisjoint(heads(view))
    assert not any("Several machines" in note for note in view.notes)


def test_what_nobody_timed_has_the_machine_that_trained_it(make_entry, make_environment):
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


def test_a_model_with_several_recipes_is_chosen_by_the_validation_images(make_entry):
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
def test_where_there_is_no_recipe_to_choose_there_is_no_column_for_it(make_entry, other):
    view = main_view(compare([make_entry("a"), make_entry(**({"model": "a"} | other))]))
    assert "valid %" not in heads(view)
    assert not any("Valid %" in note for note in view.notes)


def test_without_speeds_the_table_says_how_to_take_them(make_entry):
    view = main_view(compare([make_entry("vgg", speed=False)]))
    assert cell(view, "vgg", "training img/s").text == "–"
    assert any("harness run` without --no-speed" in note for note in view.notes)


def test_recall_has_its_interval_and_the_number_of_images(eight):
    view = class_view(eight)
    row = next(row for row in eight.rows if row.label == "linear")
    fear = row.record.test.recall["fear"]
    found = cell(view, "linear", "fear")
    assert found.text == f"{100 * fear.recall:.1f}"
    assert found.note == f"{100 * fear.low:.1f}–{100 * fear.high:.1f}"
    assert [head.note for head in view.heads][2] == f"n = {fear.n}"
    assert "unfinished" not in {line.kind for line in view.lines}


def test_many_classes_are_lines_and_leave_the_main_table(make_entry):
    classes = tuple(f"class-{i:02d}" for i in range(30))
    comparison = compare([make_entry(name, classes=classes) for name in ("a", "b")])
    view = class_view(comparison)
    assert heads(view) == ["images", "a", "b"]
    assert [line.label for line in view.lines] == list(classes)
    assert "class-00" not in heads(main_view(comparison))


def test_a_class_without_images_is_a_gap(make_record, make_metrics):
    record = make_record("vgg", test=make_metrics(absent=("disgust",)))
    comparison = compare([(record, [], None)])
    assert cell(class_view(comparison), "vgg", "disgust") == Cell()
    assert cell(main_view(comparison), "vgg", "disgust") == Cell()


def test_speed_has_a_line_for_each_configuration(eight):
    view = speed_view(eight)
    assert [line.label for line in view.lines] == [group.label for group in eight.groups]
    row = next(row for row in eight.rows if row.label == "convnet")
    found = cell(view, "convnet", "inference img/s, batch 256")
    assert (found.text, found.note) == ("12420", "11799–12793")
    assert cell(view, "convnet", "latency p99 ms").text == "–"
    end = row.record.cost.train_images_per_second_end_to_end
    assert cell(view, "convnet", "training end to end img/s").value == end
    assert cell(view, "convnet", "machine").text == "3f2a9c11"


def test_end_to_end_counts_only_runs_of_the_machine_that_timed(make_record, make_speed):
    record = make_record("vgg")
    view = speed_view(compare([(record, [], make_speed(record, machine="other"))]))
    assert cell(view, "vgg", "training end to end img/s").text == "–"


def test_a_timing_that_failed_is_told(make_record, make_speed):
    record = make_record("vgg")
    broken = {"train_step": None, "inference": {}, "latency_ms": {}}
    speed = make_speed(record, status="failed", reason="out of memory", **broken)
    view = speed_view(compare([(record, [], speed)]))
    assert view.notes[-1] == "vgg: the timing did not finish (failed): out of memory"
    assert cell(view, "vgg", "training step img/s").text == "–"


def test_without_speeds_there_is_no_table_of_speed(make_entry):
    assert speed_view(compare([make_entry(speed=False)])) is None


def test_unfinished_runs_have_their_reasons(eight, make_entry):
    view = unfinished_view(eight)
    assert {line.label: line.cells[1].text for line in view.lines}["inception"] == (
        "images below 75×75"
    )
    (line,) = unfinished_view(compare([make_entry(status="failed")])).lines
    assert line.cells[1].text == "no reason was recorded"
    assert unfinished_view(compare([make_entry()])) is None


def test_what_never_became_a_run_stands_below_the_runs_without_a_result(make_entry):
    comparison = compare([make_entry("vgg")], broken=[("plugin torn", "ImportError: no cv2")])
    view = unfinished_view(comparison)
    [line] = view.lines
    assert (line.label, [cell.text for cell in line.cells]) == (
        "plugin torn",
        ["failed", "ImportError: no cv2"],
    )


# The clean test


@pytest.fixture
def audited(make_entry, make_metrics):
    """Two models that were judged on the clean test, one by another audit, and one without."""

    def entry(model, skill, digest):
        card = AuditCard(version=1, clean_sha256=digest, clean=500, exact=150, near=50)
        return make_entry(model, skill, audit=card, test_clean=make_metrics(skill, n=500))

    return compare([entry("a", 1.8, "x"), entry("b", 1.2, "x"), make_entry("c", 0.9)])


def test_accuracy_on_the_clean_test_stands_in_the_main_table(audited):
    view = main_view(audited)
    clean = next(row for row in audited.rows if row.label == "a").record.test_clean
    found = cell(view, "a", "clean %")
    assert found.text == f"{100 * clean.accuracy:.1f}"
    assert found.note == f"{100 * clean.accuracy_low:.1f}–{100 * clean.accuracy_high:.1f}"
    assert found.best
    assert cell(view, "c", "clean %") == Cell()
    assert any("without a twin in the training split" in note for note in view.notes)


def test_without_an_audit_nothing_is_said_of_the_clean_test(eight):
    view = main_view(eight)
    assert "clean %" not in heads(view)
    assert not any("twin" in note for note in view.notes)
    assert clean_class_view(eight) is None


def test_numbers_on_other_clean_images_are_not_compared(make_entry, make_metrics):
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


def test_recall_on_the_clean_test_is_a_table_of_its_own(audited):
    view = clean_class_view(audited)
    clean = next(row for row in audited.rows if row.label == "b").record.test_clean
    fear = clean.recall["fear"]
    assert cell(view, "b", "fear").text == f"{100 * fear.recall:.1f}"
    assert next(h.note for h in view.heads if h.text == "fear") == f"n = {fear.n}"
    assert cell(view, "c", "fear") == Cell()
    assert view.title != class_view(audited).title


def test_many_classes_have_a_column_a_model_and_not_one_a_run(make_entry):
    classes = tuple(f"class {i}" for i in range(15))
    entries = [make_entry("a", 2.0, classes=classes, seed=seed) for seed in range(3)]
    comparison = compare([*entries, make_entry("b", 0.5, classes=classes)])
    view = class_view(comparison)
    assert heads(view) == ["images", "a", "b"]
    recalls = [row.record.test.recall["class 3"].recall for row in comparison.groups[0].rows]
    found = cell(view, "class 3", "a")
    assert found.text == f"{100 * np.mean(recalls):.1f}"
    assert found.note == f"± {100 * np.std(recalls, ddof=1):.1f}"
    alone = comparison.groups[1].rows[0].record.test.recall["class 3"]
    assert cell(view, "class 3", "b").note == f"{100 * alone.low:.1f}–{100 * alone.high:.1f}"
    assert view.notes[-1] == "Several seeds of a model are their mean ± standard deviation."
    assert len(class_view(compare(entries[:1])).notes) == 1


def test_many_classes_have_a_line_each_on_the_clean_test_too(make_entry, make_metrics):
    classes = tuple(f"class {i}" for i in range(15))
    clean = make_metrics(1.5, classes=classes, n=400)
    view = clean_class_view(compare([make_entry("a", classes=classes, test_clean=clean)]))
    assert [line.label for line in view.lines] == list(classes)
    recall = clean.recall["class 3"]
    assert [one.text for one in view.lines[3].cells] == [
        *(f"n = {recall.n}", f"{100 * recall.recall:.1f}")
    ]
