import numpy as np

from harness.data import published


def changed(split, **classes):
    counts = {name: list(values) for name, values in published.COUNTS.items()}
    for name, count in classes.items():
        counts[split][published.CLASSES.index(name)] = count
    return counts


def test_the_published_counts_are_those_of_the_real_files(fer2013):
    for split, counts in published.COUNTS.items():
        labels = np.load(fer2013 / f"{split}_labels.npy")
        assert tuple(np.bincount(labels)) == counts


def test_the_published_counts_call_for_no_warning():
    assert published.differences(published.COUNTS) == ()


def test_a_difference_names_split_class_expected_and_found():
    (warning,) = published.differences(changed("valid", happy=896))
    assert warning == (
        "valid has 3590 images (published: 3589), differing from the published FER-2013 in "
        "happy 896 (published: 895)"
    )


def test_augmented_copies_are_recognised():
    warnings = published.differences(changed("test", disgust=495))
    assert warnings[1] == (
        "the data looks augmented (of the published count there is disgust in test 9 times)"
    )
    assert len(warnings) == 2


def test_images_that_moved_between_splits_are_recognised():
    counts = changed("train", sad=4831)
    counts["valid"][4] -= 1
    warnings = published.differences(counts)
    assert len(warnings) == 3
    assert "split anew" in warnings[2]


def test_samples_are_recognised():
    warnings = published.differences(changed("train", sad=5))
    assert warnings[1].endswith("the data looks like a sample")
    assert len(warnings) == 2


def test_alphabetical_labels_are_recognised():
    order = np.argsort(published.CLASSES)
    counts = {split: np.array(values)[order].tolist() for split, values in published.COUNTS.items()}
    warnings = published.differences(counts)
    assert len(warnings) == 4
    assert "another order of classes" in warnings[3]
