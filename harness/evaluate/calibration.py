"""Calibration: how far probabilities can be believed, and a temperature that mends them."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from harness.evaluate.metrics import (
    ECE_BINS,
    Labels,
    Probabilities,
    bins_of,
    brier_score,
    expected_calibration_error,
    negative_log_likelihood,
)
from harness.schema import Calibrated, Calibration, ReliabilityBin

# Networks come out between about 0.5 and 4; a fit that runs away ends here.
LOWEST, HIGHEST = 0.1, 10.0
# The logarithm of a probability that float32 rounded to 0 has to be some number.
SMALLEST = float(np.finfo(np.float32).tiny)


def calibrate(
    valid: Probabilities, valid_labels: Labels, test: Probabilities, test_labels: Labels
) -> Calibration:
    """Return the calibration on test, as it is and with the temperature that valid asks for.

    Probabilities are ``(N, classes)``, labels integers ``(N,)``.
    """
    temperature = fit_temperature(valid, valid_labels)
    return Calibration(
        test=calibrated(test, test_labels),
        temperature=temperature,
        test_scaled=calibrated(scale(test, temperature), test_labels),
    )


def calibrated(probabilities: Probabilities, labels: Labels) -> Calibrated:
    """Return NLL, Brier score, ECE and its bins, as `evaluate` computes them."""
    exact = np.asarray(probabilities, dtype=np.float64)
    exact = exact / exact.sum(axis=1, keepdims=True)
    return Calibrated(
        nll=negative_log_likelihood(exact, labels),
        brier=brier_score(exact, labels),
        ece=expected_calibration_error(exact, labels),
        bins=reliability_bins(exact, labels),
    )


def reliability_bins(
    probabilities: Probabilities, labels: Labels, bins: int = ECE_BINS
) -> tuple[ReliabilityBin, ...]:
    """Return the bins of the expected calibration error: equally wide, from 0 to 1."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    place = bins_of(confidence, bins)
    counts = np.bincount(place, minlength=bins)
    confidences = np.bincount(place, weights=confidence, minlength=bins)
    hits = np.bincount(place, weights=correct, minlength=bins)
    return tuple(
        ReliabilityBin(
            low=index / bins,
            high=(index + 1) / bins,
            n=int(n),
            confidence=float(confidences[index] / n) if n else None,
            accuracy=float(hits[index] / n) if n else None,
        )
        for index, n in enumerate(counts)
    )


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float:
    """Return the temperature, 0.1 to 10, with the least NLL (Guo et al. 2017, arXiv:1706.04599).

    1 where there is nothing to fit by: every image is recognised, so that the colder the better, or
    all classes are as likely in every image, so that no temperature changes anything.
    """
    from scipy.optimize import minimize_scalar  # slow to import

    logits = _logits(probabilities)
    if np.array_equal(logits.argmax(axis=1), labels) or not np.ptp(logits, axis=1).any():
        return 1.0
    truth = np.arange(len(labels)), labels

    def loss(logarithm: float) -> float:
        return float(-log_softmax(logits / math.exp(logarithm), axis=1)[truth].mean())

    # The NLL is convex in 1 / T, so that it has one minimum in log T, too.
    bounds = math.log(LOWEST), math.log(HIGHEST)
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return math.exp(found.x)


def scale(probabilities: Probabilities, temperature: float) -> NDArray[np.float64]:
    """Return the probabilities of the logits divided by ``temperature``."""
    scaled: NDArray[np.float64] = softmax(_logits(probabilities) / temperature, axis=1)
    return scaled


def _logits(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return logarithms: logits but for a number that an image's classes share."""
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), SMALLEST))
