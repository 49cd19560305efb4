import io

import numpy as np
import pytest
from PIL import Image

from harness.evaluate.metrics import evaluate
from harness.report import compare
from harness.report.evidence import Evidence, nothing
from harness.report.mistakes import faces, mistake_frame, mistakes_view, worst_mistakes

PETS = ("cat", "dog", "bird")


@pytest.fixture
def record(make_record):
    return make_record(classes=PETS, test=evaluate(SURE, TRUE, PETS))


def table(*rows):
    return np.array(rows, np.float32)


SURE = table([0.9, 0.1, 0], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8], [0.05, 0.95, 0], [0.4, 0.3, 0.3])
TRUE = np.array([0, 0, 1, 0, 0])


def test_the_surest_errors_come_first_and_hits_not_at_all(record):
    found = worst_mistakes(record, Evidence(SURE, TRUE))
    assert [(one.index, one.true, one.predicted) for one in found] == [
        (3, "cat", "dog"),
        (2, "dog", "bird"),
        (1, "cat", "dog"),
    ]
    assert found[1].probability == pytest.approx(0.8)
    assert found[1].of_true == pytest.approx(0.1)
    view = mistakes_view(found)
    assert [line.label for line in view.lines] == ["3", "2", "1"]
    assert [cell.text for cell in view.lines[0].cells] == ["cat", "dog", "95.0", "5.0"]


def test_only_so_many_are_told(make_record):
    probabilities, labels = np.tile(SURE[:1], (100, 1)), np.ones(100, np.int64)
    record = make_record(classes=PETS, test=evaluate(probabilities, labels, PETS))
    found = worst_mistakes(record, Evidence(probabilities, labels))
    assert [one.index for one in found] == list(range(24))


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(),
        Evidence(SURE),
        Evidence(SURE[:4], np.zeros(4, np.int64)),
        Evidence(SURE[:, :2], np.zeros(5, np.int64)),
        Evidence(SURE[:, :0], TRUE),
        Evidence(SURE[0], TRUE),
        Evidence(SURE, np.zeros(4, np.int64)),
        Evidence(SURE, np.full(5, 3)),
        Evidence(SURE, np.full(5, -1)),
        Evidence(SURE, SURE.argmax(axis=1)),
        Evidence(SURE, np.array([2, 0, 0, 0, 1])),
    ],
)
def test_without_predictions_of_this_run_there_are_none(record, evidence):
    assert worst_mistakes(record, evidence) == ()
    assert mistakes_view(()) is None


def test_a_run_without_a_result_has_none(make_record):
    record = make_record(classes=PETS, status="failed")
    assert worst_mistakes(record, Evidence(SURE, np.ones(5, np.int64))) == ()
    assert nothing(record) == Evidence()


@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 1), (6, 4, 3), (6, 4, 2)])
def test_images_are_those_of_the_index(record, shape):
    images = np.arange(5 * np.prod(shape), dtype=np.uint8).reshape(5, *shape)
    found = worst_mistakes(record, Evidence(SURE, TRUE))
    face = faces(found, images)[0]
    assert face.text == "3: cat, taken for dog (95.0 %)"
    assert (face.width, face.height) == (4, 6)
    pixels = np.asarray(Image.open(io.BytesIO(face.png)))
    expected = images[3] if shape[2:] in ((), (3,)) else images[3][..., 0]
    np.testing.assert_array_equal(pixels, expected)


def test_no_image_is_shown_where_none_was_given(record):
    found = worst_mistakes(record, Evidence(SURE, TRUE))
    assert faces(found, None) == ()
    assert len(faces(found, np.zeros((3, 4, 4), np.uint8))) == 2


def test_the_file_for_programs_lists_the_mistakes_of_every_run(make_entry):
    quality = evaluate(SURE, TRUE, PETS)
    entries = [make_entry(name, classes=PETS, test=quality) for name in ("a", "b")]
    frame = mistake_frame(compare(entries), lambda _: Evidence(SURE, TRUE))
    assert frame["label"].tolist() == ["a"] * 3 + ["b"] * 3
    assert frame["index"].tolist() == [3, 2, 1, 3, 2, 1]
    assert frame["true"].tolist()[:2] == ["cat", "dog"]
    assert set(frame) >= {"key", "predicted", "probability", "of_true"}


def test_the_file_is_of_a_bounded_length(make_entry):
    probabilities = np.tile(SURE[:1], (300, 1))
    labels = np.ones(300, np.int64)
    quality = evaluate(probabilities, labels, PETS)
    comparison = compare([make_entry("a", classes=PETS, test=quality)])
    assert len(mistake_frame(comparison, lambda _: Evidence(probabilities, labels))) == 100
