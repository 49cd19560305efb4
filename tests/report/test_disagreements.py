import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.distance import jensenshannon

from harness.evaluate.metrics import evaluate
from harness.report import compare, disagreements, write_report
from harness.report.disagreements import (
    disagreement_faces,
    disagreement_frame,
    disagreements_view,
    find_disagreements,
    jensen_shannon,
)
from harness.report.evidence import Evidence

PETS = ("cat", "dog", "bird")
LABELS = np.array([0, 1, 2, 0])
A = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0, 0.1, 0.9], [0.9, 0.05, 0.05]])
B = np.array([[0.8, 0.2, 0], [0.4, 0.6, 0], [0, 0.2, 0.8], [0.05, 0.05, 0.9]])


@pytest.fixture
def comparison(make_entry):
    """Two seeds of one model, one of another."""
    models = (("a", 0, A), ("a", 1, A), ("b", 0, B))
    return compare(
        make_entry(name, seed=seed, classes=PETS, test=evaluate(probabilities, LABELS, PETS))
        for name, seed, probabilities in models
    )


def reader(labels=LABELS, images=None, **changed):
    """Return what reads A for both seeds of model a, and B for b, unless changed."""
    known = {"a": A, "b": B} | changed
    return lambda record: Evidence(known[record.model], labels, images)


def test_images_that_models_see_differently_are_found_the_furthest_apart_first(comparison):
    found = find_disagreements(comparison, reader())
    assert found.models == ("a", "b")
    assert [(one.index, one.true, one.predicted) for one in found.found] == [
        (3, "cat", ("cat", "bird")),
        (1, "dog", ("cat", "dog")),
    ]
    assert found.found[0].confidence == (0.9, 0.9)
    assert found.found[0].divergence == pytest.approx(jensenshannon(A[3], B[3], 2) ** 2)


def test_a_model_speaks_by_the_mean_of_its_seeds(comparison):
    def read(record):
        shift = np.array([0.1, 0, -0.1]) * (-1) ** record.seed
        return Evidence(A + shift if record.model == "a" else B, LABELS)

    found = find_disagreements(comparison, read)
    assert found.found[0].confidence == pytest.approx((0.9, 0.9))


def test_the_divergence_of_two_is_scipys_and_at_most_one_bit():
    random = np.random.default_rng(0)
    both = random.dirichlet(np.ones(5), (2, 20))
    expected = jensenshannon(both[0].T, both[1].T, 2) ** 2
    np.testing.assert_allclose(jensen_shannon(both), expected)
    assert jensen_shannon(np.eye(2)[:, None, :]) == pytest.approx(1)
    assert jensen_shannon(np.stack([both[0], both[0]])) == pytest.approx(0)


def test_blocks_of_images_give_what_all_at_once_do(make_entry, monkeypatch):
    random = np.random.default_rng(0)
    labels = random.integers(3, size=200)
    known = {name: random.dirichlet(np.ones(3), 200).astype(np.float32) for name in "ab"}
    comparison = compare(
        make_entry(name, classes=PETS, test=evaluate(probabilities, labels, PETS))
        for name, probabilities in known.items()
    )

    def read(record):
        return Evidence(known[record.model], labels)

    whole = find_disagreements(comparison, read)
    monkeypatch.setattr(disagreements, "BLOCK", 50)
    assert find_disagreements(comparison, read) == whole
    both = np.stack([known["a"], known["b"]]).astype(np.float64)
    expected = jensenshannon(both[0].T, both[1].T, 2) ** 2
    assert [one.divergence for one in whole.found] == pytest.approx(
        [expected[one.index] for one in whole.found]
    )


def missing(record):
    return Evidence() if record.model == "b" else Evidence(A, LABELS)


def half(record):
    return Evidence(A if record.seed == 0 else None, LABELS)


def other_labels(record):
    order = [0, 1, 2, 3] if record.model == "a" else [1, 0, 2, 3]
    return Evidence((A if record.model == "a" else B)[order], LABELS[order])


def foreign(record):
    return Evidence(A, np.full(4, 3))


def other_shape(record):
    return Evidence(A[:, :2], LABELS)


def another_run(record):
    return Evidence(A if record.model == "a" else np.eye(3)[LABELS], LABELS)


@pytest.mark.parametrize("read", [missing, other_labels, foreign, other_shape, another_run])
def test_with_fewer_than_two_models_nothing_is_said(comparison, read):
    assert find_disagreements(comparison, read) is None
    assert disagreements_view(None) is None
    assert disagreement_faces(None) == ()


def test_a_model_of_which_a_seed_left_nothing_is_left_out(comparison):
    assert find_disagreements(comparison, half) is None


def test_models_that_agree_have_no_table(make_entry):
    quality = evaluate(A, LABELS, PETS)
    alike = compare([make_entry(name, classes=PETS, test=quality) for name in "ab"])
    found = find_disagreements(alike, reader(b=A))
    assert found.found == ()
    assert disagreements_view(found) is None


def test_the_table_names_the_classes_that_each_model_chose(comparison):
    view = disagreements_view(find_disagreements(comparison, reader()))
    assert [head.text for head in view.heads] == ["true class", "divergence bits", "a", "b"]
    assert [line.label for line in view.lines] == ["3", "1"]
    assert [cell.text for cell in view.lines[0].cells][2:] == ["cat", "bird"]
    assert view.lines[0].cells[2].note == "90.0"
    assert view.notes[0].startswith("2 test images are seen differently")


def test_many_models_are_counted_in_a_note(make_entry):
    names = [f"m{number}" for number in range(8)]
    known = {name: A for name in names} | {"m0": B}
    comparison = compare(
        [make_entry(n, classes=PETS, test=evaluate(known[n], LABELS, PETS)) for n in names]
    )
    found = find_disagreements(comparison, reader(**known))
    view = disagreements_view(found)
    assert len(view.heads) == 8
    assert view.notes[-1] == "2 more models are left out here."
    assert len(disagreement_frame(found)) == 16


def test_faces_are_shown_only_where_images_are_given(comparison):
    assert disagreement_faces(find_disagreements(comparison, reader())) == ()
    images = np.arange(4 * 6 * 5, dtype=np.uint8).reshape(4, 6, 5)
    first, _ = disagreement_faces(find_disagreements(comparison, reader(images=images)))
    assert first.text == "3: cat; a cat, b bird"
    with Image.open(io.BytesIO(first.png)) as png:
        np.testing.assert_array_equal(np.asarray(png), images[3])


def test_the_report_holds_table_and_file_and_an_earlier_file_goes(comparison, tmp_path):
    write_report(comparison, tmp_path, generated_at="now", evidence=reader())
    frame = pd.read_csv(tmp_path / "disagreements.csv")
    assert frame[["index", "model", "predicted"]].values.tolist() == [
        [3, "a", "cat"],
        [3, "b", "bird"],
        [1, "a", "cat"],
        [1, "b", "dog"],
    ]
    for name in ("report.md", "index.html"):
        assert "Where the models disagree" in (tmp_path / name).read_text()
    write_report(comparison, tmp_path, generated_at="now", evidence=reader(b=A))
    assert not (tmp_path / "disagreements.csv").exists()


def test_models_whose_predictions_are_not_all_there_are_named(comparison, make_entry):
    three = compare(
        [
            *((row.record, [], None) for row in comparison.rows),
            make_entry("c", classes=PETS, test=evaluate(B, LABELS, PETS)),
        ]
    )

    def read(record):
        if (record.model, record.seed) == ("a", 1):
            return Evidence()
        return Evidence(A if record.model == "a" else B - 0.01 * (record.model == "c"), LABELS)

    found = find_disagreements(three, read)
    assert found.missing == ("a",)
    assert set(found.models) == {"b", "c"}
