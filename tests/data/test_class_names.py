import pytest

from harness.data.class_names import SYNONYMS, number_classes
from harness.data.published import CLASSES


@pytest.mark.parametrize(
    "names",
    [
        CLASSES,
        tuple(sorted(CLASSES)),
        ("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"),
        ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"),
        ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"),
        ("ANGER", "Disgust", "Afraid", "Joy", "neutral", "SADNESS", "surprised"),
    ],
)
def test_the_seven_get_the_order_of_fer2013_whatever_they_are_called(names):
    classes, numbers = number_classes(set(names))
    assert classes == CLASSES
    words = ("ang", "disg", ("fear", "afraid"), ("happ", "joy"), "sad", "surpris", "neutral")
    for label, word in enumerate(words):
        (name,) = (name for name in names if name.lower().startswith(word))
        assert numbers[name] == label


def test_each_split_may_have_its_own_case():
    classes, numbers = number_classes([*CLASSES, *map(str.title, CLASSES)])
    assert classes == CLASSES
    assert numbers["Fear"] == numbers["fear"] == 2


@pytest.mark.parametrize(
    "names",
    [
        ("dog", "cat"),
        CLASSES[:6],
        (*CLASSES, "contempt"),
        (*CLASSES, "anger"),
        ("anger", "angry", "fear", "happy", "neutral", "sad", "surprise"),
    ],
)
def test_others_are_sorted_and_keep_their_names(names):
    classes, numbers = number_classes(set(names))
    assert classes == tuple(sorted(names))
    assert [numbers[name] for name in classes] == list(range(len(names)))


def test_numbers_are_sorted_by_value():
    classes, _ = number_classes({str(number) for number in range(12)})
    assert classes == tuple(str(number) for number in range(12))


def test_every_synonym_means_a_class():
    assert set(SYNONYMS.values()) <= set(CLASSES)
    assert not set(SYNONYMS) & set(CLASSES)
