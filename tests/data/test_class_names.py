import pytest

from harness.data.class_names import SYNONYMS, number_classes, read_names
from harness.data.published import CLASSES
from harness.errors import DataError


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


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_names_in_another_encoding_are_refused(encoding):
    with pytest.raises(DataError, match=r"classes\.txt is no text in UTF-8 \(byte \d+\)"):
        read_names("Käfer\nHund\n".encode(encoding))


def test_only_what_an_editor_ends_a_line_by_ends_a_name():
    assert read_names("a\u2028b\r\nc\rd\n".encode()) == ("a\u2028b", "c", "d")


def test_a_name_is_one_however_its_accents_are_written():
    assert read_names("cafe\u0301\n".encode()) == ("caf\u00e9",)
    classes, numbers = number_classes(["caf\u00e9", "cafe\u0301", "tea"])
    assert classes == ("caf\u00e9", "tea")
    assert numbers == {"caf\u00e9": 0, "cafe\u0301": 0, "tea": 1}
