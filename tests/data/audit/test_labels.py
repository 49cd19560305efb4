import pytest

from harness.data.audit.labels import missing_classes, numbered_otherwise
from harness.data.published import CLASSES, COUNTS

ALPHABETICAL = tuple(sorted(CLASSES))


def by_name(order, split="train"):
    """The published counts of a split in the order of these names."""
    counts = dict(zip(CLASSES, COUNTS[split], strict=True))
    return tuple(counts[name] for name in order)


def test_a_split_without_images_of_a_class_is_named():
    counts = {"train": (3, 1, 2), "valid": (1, 0, 0), "test": (1, 1, 0)}
    assert missing_classes(counts, "abc") == {"valid": ("b", "c"), "test": ("c",)}
    assert missing_classes({"train": (1, 1)}, "ab") == {}


def test_labels_in_alphabetical_order_under_published_names_are_noticed():
    sentence = numbered_otherwise({"train": by_name(ALPHABETICAL)}, CLASSES)
    assert "look numbered alphabetically (angry, disgust, fear, happy, neutral, sad" in sentence


def test_published_labels_under_alphabetical_names_are_noticed():
    sentence = numbered_otherwise({"train": by_name(CLASSES)}, ALPHABETICAL)
    assert "look numbered in FER-2013's own order" in sentence


def test_a_sample_with_about_the_same_shares_is_noticed_too():
    sample = tuple(count // 3 + 5 for count in by_name(ALPHABETICAL))
    assert numbered_otherwise({"train": sample}, CLASSES)


@pytest.mark.parametrize("order", [CLASSES, ALPHABETICAL])
def test_names_that_fit_their_counts_are_right_in_any_order(order):
    assert numbered_otherwise({"train": by_name(order)}, order) is None


def test_other_counts_and_other_classes_tell_nothing():
    assert numbered_otherwise({"train": (100,) * 7}, CLASSES) is None
    assert numbered_otherwise({"train": (0,) * 7}, CLASSES) is None
    assert numbered_otherwise({"train": by_name(ALPHABETICAL)}, tuple("abcdefg")) is None
