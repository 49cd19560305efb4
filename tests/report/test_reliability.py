import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve

from harness.evaluate.calibration import calibrate
from harness.report import compare
from harness.report.reliability import reliabilities


def predictions(seed, n):
    random = np.random.default_rng(seed)
    labels = random.integers(4, size=n)
    return softmax(2 * random.normal(size=(n, 4)) + 2 * np.eye(4)[labels], axis=1), labels


def test_bins_of_several_seeds_are_those_of_all_predictions_together(make_entry):
    seeds = [predictions(seed, 300 + 100 * seed) for seed in range(3)]
    entries = [
        make_entry("a", seed=seed, calibration=calibrate(*one, *one))
        for seed, one in enumerate(seeds)
    ]
    (group,) = compare(entries).groups
    plain, scaled = reliabilities(group)
    probabilities = np.concatenate([one for one, _ in seeds])
    correct = probabilities.argmax(1) == np.concatenate([labels for _, labels in seeds])
    accuracy, confidence = calibration_curve(correct, probabilities.max(1), n_bins=15)
    assert [one for _, one, _ in plain.filled] == pytest.approx(confidence)
    assert [one for _, _, one in plain.filled] == pytest.approx(accuracy)
    assert plain.images == scaled.images == len(correct)


def test_errors_and_temperatures_are_means_over_the_seeds(make_entry):
    entries = [make_entry("a", seed=seed) for seed in range(2)]
    (group,) = compare(entries).groups
    plain, scaled = reliabilities(group)
    found = [record.calibration for record, _, _ in entries]
    assert plain.ece == pytest.approx(np.mean([one.test.ece for one in found]))
    assert scaled.temperature == pytest.approx(np.mean([one.temperature for one in found]))
    assert plain.words == f"as trained: ECE {100 * plain.ece:.1f} %"
    assert scaled.words == f"temperature {scaled.temperature:.2f}: ECE {100 * scaled.ece:.1f} %"


def test_a_seed_without_figures_leaves_none(make_entry):
    entries = [make_entry("a"), make_entry("a", seed=1, calibration=None)]
    (group,) = compare(entries).groups
    assert reliabilities(group) == ()
