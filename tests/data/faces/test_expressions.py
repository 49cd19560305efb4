"""Faces of one expression differ from those of another, though not perfectly."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from harness.data.faces import CLASSES, load
from harness.data.faces.dice import Dice
from harness.data.faces.expressions import EXPRESSIONS, perform
from harness.data.faces.labels import shown
from harness.data.faces.units import NUMBERS


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "neutral"])
def test_the_mean_face_of_an_expression_differs_from_the_neutral_one(easy_faces, name):
    images, labels = easy_faces["train"]
    neutral = images[labels == CLASSES.index("neutral")]
    mine = images[labels == CLASSES.index(name)]
    halves = np.abs(neutral[::2].mean(axis=0) - neutral[1::2].mean(axis=0)).max()
    assert np.abs(mine.mean(axis=0) - neutral.mean(axis=0)).max() > halves


def test_without_difficulty_a_face_performs_the_units_of_its_expression():
    happy = np.full(200, CLASSES.index("happy"))
    intensity = perform(happy, 0, Dice(0))
    used = {unit for pattern in EXPRESSIONS["happy"] for unit in pattern.units}
    assert {NUMBERS[index] for index in np.flatnonzero(intensity.any(axis=0))} == used
    assert (intensity[:, NUMBERS.index(12)] > 0.3).all()


def test_expressions_grow_fainter_with_difficulty():
    happy = np.full(500, CLASSES.index("happy"))
    pull = [perform(happy, d, Dice(0))[:, NUMBERS.index(12)].mean() for d in (0, 0.5, 1)]
    assert pull[0] > pull[1] > pull[2]


def test_every_label_is_true_without_difficulty():
    labels = np.arange(7).repeat(100)
    assert np.array_equal(shown(labels, 0, Dice(0)), labels)


def test_label_noise_grows_with_difficulty():
    labels = np.arange(7).repeat(2000)
    wrong = [(shown(labels, d, Dice(0)) != labels).mean() for d in (0.25, 0.5, 1)]
    assert 0 < wrong[0] < wrong[1] < wrong[2] < 0.3


def test_fear_is_mistaken_for_what_people_mistake_it_for():
    fear = np.full(5000, CLASSES.index("fear"))
    seen = {CLASSES[label] for label in shown(fear, 1, Dice(0))}
    assert seen == {"fear", "surprise", "sad", "angry", "neutral"}


def test_a_linear_classifier_is_better_than_chance_and_far_from_perfect(faces):
    (train, labels), (test, truth) = faces["train"], faces["test"]
    model = LogisticRegression(C=1e-3, max_iter=60, tol=1e-2)
    model.fit(pooled(train), labels)
    accuracy = model.score(pooled(test), truth)
    majority = (truth == CLASSES.index("happy")).mean()
    assert majority + 0.05 < accuracy < 0.85


def pooled(images):
    """Return images halved in size, brought to mean 0 and deviation 1 each."""
    small = images.reshape(-1, 24, 2, 24, 2).mean(axis=(2, 4)).reshape(len(images), -1)
    return (small - small.mean(axis=1, keepdims=True)) / (small.std(axis=1, keepdims=True) + 1)


def test_harder_faces_have_more_noise_and_less_contrast():
    easy, hard = (load(size=400, difficulty=d)["train"][0].astype(int) for d in (0, 1))
    assert grain(hard) > grain(easy)


def grain(images):
    """Differences to the neighbour in a corner, where there is no face."""
    return np.abs(np.diff(images[:, :4, :4], axis=2)).mean()
