"""Calibration against scikit-learn, torch's LBFGS and plain loops."""

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss
from torch.nn import functional

from harness.evaluate.calibration import (
    calibrate,
    calibrated,
    fit_temperature,
    reliability_bins,
    scale,
)
from harness.evaluate.metrics import evaluate, expected_calibration_error


def sample(n=2000, classes=7, heat=1.0, seed=0):
    """Logits that are ``heat`` times as far apart as they should be, and labels."""
    random = np.random.default_rng(seed)
    honest = random.normal(0, 1.5, (n, classes))
    labels = np.array([random.choice(classes, p=p) for p in softmax(honest, axis=1)])
    return (heat * honest).astype(np.float32), labels


def probabilities_of(logits):
    return functional.softmax(torch.from_numpy(logits), dim=1).numpy()


def test_bins_are_those_of_scikit_learns_calibration_curve():
    logits, labels = sample(heat=2)
    probabilities = probabilities_of(logits).astype(float)
    correct = probabilities.argmax(1) == labels
    accuracy, confidence = calibration_curve(correct, probabilities.max(1), n_bins=15)
    bins = [one for one in reliability_bins(probabilities, labels) if one.n]
    assert [one.accuracy for one in bins] == pytest.approx(accuracy)
    assert [one.confidence for one in bins] == pytest.approx(confidence)


def test_every_image_is_in_the_bin_of_its_confidence():
    probabilities = probabilities_of(sample(500)[0])
    bins = reliability_bins(probabilities, sample(500)[1])
    assert [(one.low, one.high) for one in bins] == [(i / 15, (i + 1) / 15) for i in range(15)]
    for one in bins:
        inside = (probabilities.max(1) > one.low) & (probabilities.max(1) <= one.high)
        assert one.n == inside.sum()
        assert (one.confidence is None) == (one.accuracy is None) == (one.n == 0)


def test_the_bins_give_the_calibration_error():
    logits, labels = sample(heat=3)
    found = calibrated(probabilities_of(logits), labels)
    gaps = [one.n * abs(one.accuracy - one.confidence) for one in found.bins if one.n]
    assert found.ece == pytest.approx(sum(gaps) / len(labels))


def test_figures_are_those_of_the_quality_on_the_split():
    logits, labels = sample(heat=2)
    probabilities = probabilities_of(logits)
    found, metrics = calibrated(probabilities, labels), evaluate(probabilities, labels, "abcdefg")
    assert (found.nll, found.brier, found.ece) == (metrics.nll, metrics.brier, metrics.ece)


@pytest.mark.parametrize("heat", [0.4, 1.0, 1.7, 4.0])
def test_the_temperature_is_torchs_and_undoes_the_heat(heat):
    logits, labels = sample(heat=heat)
    logarithm = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([logarithm], max_iter=200, line_search_fn="strong_wolfe")
    exact, truth = torch.from_numpy(logits).double(), torch.from_numpy(labels)

    def closure():
        optimizer.zero_grad()
        loss = functional.cross_entropy(exact / logarithm.exp(), truth)
        loss.backward()
        return loss

    optimizer.step(closure)
    found = fit_temperature(probabilities_of(logits), labels)
    assert found == pytest.approx(float(logarithm.detach().exp()), rel=1e-4)
    assert found == pytest.approx(heat, rel=0.1)


def test_no_temperature_of_a_grid_is_better():
    logits, labels = sample(300, heat=2.5)
    probabilities = probabilities_of(logits)
    found = fit_temperature(probabilities, labels)
    losses = {t: log_loss(labels, softmax(logits / t, axis=1)) for t in np.geomspace(0.1, 10, 400)}
    assert log_loss(labels, softmax(logits / found, axis=1)) <= min(losses.values()) + 1e-9


def test_scaling_is_that_of_the_logits_and_changes_no_prediction():
    logits, _ = sample(heat=3)
    probabilities = probabilities_of(logits)
    found = scale(probabilities, 2.5)
    np.testing.assert_allclose(found, softmax(logits.astype(float) / 2.5, axis=1), atol=1e-6)
    np.testing.assert_array_equal(found.argmax(1), probabilities.argmax(1))
    np.testing.assert_allclose(scale(probabilities, 1.0), probabilities, atol=1e-6)


def test_a_model_that_is_too_sure_is_mended_by_valid_alone():
    (valid, valid_labels), (test, test_labels) = sample(heat=3), sample(heat=3, seed=1)
    found = calibrate(probabilities_of(valid), valid_labels, probabilities_of(test), test_labels)
    assert found.temperature == fit_temperature(probabilities_of(valid), valid_labels)
    assert found.test_scaled.nll < found.test.nll
    assert found.test_scaled.brier < found.test.brier
    assert found.test_scaled.ece < 0.03 < 0.15 < found.test.ece
    # The definition, once more by hand.
    scaled = softmax(test.astype(float) / found.temperature, axis=1)
    assert found.test_scaled.nll == pytest.approx(log_loss(test_labels, scaled), rel=1e-6)
    assert found.test_scaled.ece == pytest.approx(
        expected_calibration_error(scaled, test_labels), abs=1e-6
    )


def test_where_valid_is_perfectly_right_there_is_nothing_to_fit_by():
    labels = np.arange(30) % 3
    assert fit_temperature(np.eye(3)[labels] * 0.7 + 0.1, labels) == 1.0
    assert fit_temperature(np.eye(3)[labels], labels) == 1.0
    # Nor where no temperature changes anything.
    assert fit_temperature(np.full((len(labels), 3), 1 / 3), labels) == 1.0


def test_where_valid_is_all_wrong_the_fit_ends_at_its_bound():
    labels = np.arange(30) % 3
    assert fit_temperature(np.eye(3)[(labels + 1) % 3], labels) == pytest.approx(10, rel=1e-3)


def test_a_single_error_among_certainties_stays_finite():
    labels = np.arange(300) % 3
    certain = np.eye(3, dtype=np.float32)[labels]
    certain[0] = certain[1]
    found = calibrate(certain, labels, certain, labels)
    assert 0.1 <= found.temperature <= 10
    assert found.test_scaled.nll < found.test.nll
    assert all(np.isfinite([found.test.nll, found.test_scaled.nll, found.test_scaled.ece]))


def test_two_classes_are_no_different():
    logits, labels = sample(classes=2, heat=2)
    assert fit_temperature(probabilities_of(logits), labels) == pytest.approx(2, rel=0.15)


def test_the_error_of_what_is_perfectly_calibrated_is_some_two_per_cent_and_not_0():
    """Labels are drawn from the probabilities themselves, as many as FER-2013 has test images."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(20):
        probabilities = softmax(2.5 * random.standard_normal((3589, 7)), axis=1)
        steps = probabilities.cumsum(axis=1)
        labels = (random.random((3589, 1)) > steps).sum(axis=1).clip(max=6)
        found.append(expected_calibration_error(probabilities, labels))
    assert 0.012 < np.mean(found) < 0.028
