import pytest

from harness.report.views.single import class_by_class, quality_view


def test_quality_has_a_line_for_each_split_that_was_evaluated(make_record, make_metrics):
    record = make_record(test_clean=make_metrics(1.6))
    view = quality_view(record)
    labels = [line.label for line in view.lines]
    assert labels == ["test", "test without twins", "validation", "training"]
    assert [cell.value for cell in view.lines[0].cells][:2] == [700, record.test.accuracy]
    assert [line.label for line in quality_view(make_record(train=None)).lines] == [
        "test",
        "validation",
    ]


def test_two_classes_have_no_top_2(make_record):
    view = quality_view(make_record(classes=("cat", "dog")))
    column = [head.text for head in view.heads].index("top-2 %")
    assert view.lines[0].cells[column].text == "–"


def test_each_class_says_what_it_is_taken_for(make_record):
    record = make_record()
    view, confusion = class_by_class(record), record.test.confusion
    for index, line in enumerate(view.lines):
        wrong = [n for other, n in enumerate(confusion[index]) if other != index]
        images, recall, _, _, instead = line.cells
        assert images.value == sum(confusion[index])
        assert recall.value == pytest.approx(confusion[index][index] / images.value)
        assert instead.note.startswith(f"{max(wrong)} image{'s' * (max(wrong) > 1)}, ")
        assert confusion[index][record.dataset.classes.index(instead.text)] == max(wrong)


def test_a_class_without_images_or_without_errors_has_no_such_number(make_record, make_metrics):
    classes = ("a", "b", "c")
    record = make_record(classes=classes, test=make_metrics(60.0, classes=classes, absent=("b",)))
    lines = class_by_class(record).lines
    assert [cell.text for cell in lines[1].cells] == ["0", "–", "–", "–", "–"]
    assert lines[0].cells[-1].text == "–"
