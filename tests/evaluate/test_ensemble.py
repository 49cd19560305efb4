import numpy as np
import pytest

from harness.errors import DataError
from harness.evaluate.ensemble import mean_predictions


def part(seed, n=4, **changes):
    random = np.random.default_rng(seed)
    arrays = {"test_probabilities": random.dirichlet(np.ones(3), n), "test_labels": np.arange(n)}
    return arrays | changes


def test_probabilities_are_the_mean_of_the_parts_and_labels_stay():
    parts = [part(seed) for seed in range(3)]
    found = mean_predictions(parts)
    expected = sum(one["test_probabilities"] for one in parts) / 3
    np.testing.assert_allclose(found["test_probabilities"], expected)
    assert found["test_labels"].tolist() == [0, 1, 2, 3]


def test_what_a_part_lacks_is_left_out():
    views = {"test_probabilities_tta": np.ones((4, 3)) / 3}
    assert "test_probabilities_tta" not in mean_predictions([part(0, **views), part(1)])
    assert "test_probabilities_tta" in mean_predictions([part(0, **views), part(1, **views)])


def test_parts_on_other_images_are_no_ensemble():
    with pytest.raises(DataError, match="test_labels differ, so the parts were not evaluated"):
        mean_predictions([part(0), part(1, test_labels=np.zeros(4, int))])
    with pytest.raises(DataError, match="test_probabilities differ in shape"):
        mean_predictions([part(0), part(1, test_probabilities=np.ones((4, 2)))])


def test_by_what_images_were_judged_is_left_out_where_it_differs():
    """Another audit found other clean images: the images themselves are the same."""
    one, two = np.array([True, True, False, True]), np.array([True, True, True, True])
    same = mean_predictions([part(0, test_clean=one), part(1, test_clean=one)])
    assert same["test_clean"].tolist() == one.tolist()
    found = mean_predictions([part(0, test_clean=one), part(1, test_clean=two)])
    assert sorted(found) == ["test_labels", "test_probabilities"]
