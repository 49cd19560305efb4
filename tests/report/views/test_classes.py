import numpy as np

from harness.report import compare
from harness.report.views import (
    class_view,
    clean_class_view,
    main_view,
)
from harness.report.views.table import Cell


def test_recall_has_its_interval_and_the_number_of_images(eight, cell):
    view = class_view(eight)
    row = next(row for row in eight.rows if row.label == "linear")
    fear = row.record.test.recall["fear"]
    found = cell(view, "linear", "fear")
    assert found.text == f"{100 * fear.recall:.1f}"
    assert found.note == f"{100 * fear.low:.1f}–{100 * fear.high:.1f}"
    assert [head.note for head in view.heads][2] == f"n = {fear.n}"
    assert "unfinished" not in {line.kind for line in view.lines}


def test_many_classes_are_lines_and_leave_the_main_table(make_entry, heads):
    classes = tuple(f"class-{i:02d}" for i in range(30))
    comparison = compare([make_entry(name, classes=classes) for name in ("a", "b")])
    view = class_view(comparison)
    assert heads(view) == ["images", "a", "b"]
    assert [line.label for line in view.lines] == list(classes)
    assert "class-00" not in heads(main_view(comparison))


def test_a_class_without_images_is_a_gap(make_record, make_metrics, cell):
    record = make_record("vgg", test=make_metrics(absent=("disgust",)))
    comparison = compare([(record, [], None)])
    assert cell(class_view(comparison), "vgg", "disgust") == Cell()
    assert cell(main_view(comparison), "vgg", "disgust") == Cell()


def test_recall_on_the_clean_test_is_a_table_of_its_own(audited, cell):
    view = clean_class_view(audited)
    clean = next(row for row in audited.rows if row.label == "b").record.test_clean
    fear = clean.recall["fear"]
    assert cell(view, "b", "fear").text == f"{100 * fear.recall:.1f}"
    assert next(h.note for h in view.heads if h.text == "fear") == f"n = {fear.n}"
    assert cell(view, "c", "fear") == Cell()
    assert view.title != class_view(audited).title


def test_many_classes_have_a_column_a_model_and_not_one_a_run(make_entry, cell, heads):
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
