"""What is known of FER-2013's twins is found in it, as arrays and as a folder of JPEG files."""

import json
from collections import defaultdict

import numpy as np
import pytest

from harness.data.audit.exact import blank_rows, first_alike
from harness.data.audit.find import examine
from harness.data.audit.findings import Findings
from harness.data.audit.gallery import Gallery
from harness.data.audit.near import LOWEST, NearTwins
from harness.data.audit.relations import Relations
from harness.data.prepare import prepare
from harness.data.splits import open_splits

USAGES = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}


@pytest.fixture(scope="module")
def exact(fer2013):
    """The audit of the real data, without looking for near twins."""
    gallery = Gallery(open_splits(fer2013))
    none = np.empty(0, np.intp)
    near = NearTwins(none, none, none.astype(bool), none.astype(np.float32), LOWEST)
    return Findings(Relations(gallery, first_alike(gallery), near), blank_rows(gallery), {}).audit()


def test_the_known_exact_twins_are_found(exact):
    assert (exact.exact.test_train, exact.exact.valid_train, exact.exact.test_valid) == (
        *(288, 280),
        44,
    )
    assert len(exact.exact_groups) == 1514
    assert sum(len(group.images) - 1 for group in exact.exact_groups) == 1851
    assert exact.card.clean == 3589 - 288


def test_the_known_conflicts_are_found(exact):
    assert (exact.exact_conflicts.groups, exact.exact_conflicts.images) == (57, 160)


def test_the_blank_images_are_found_and_are_one_group_among_the_exact_twins(exact):
    assert [image.split for image in exact.blank] == ["train"] * 11 + ["valid"]
    # All are black: the published counts have them as twins of each other.
    [blank] = [group for group in exact.exact_groups if group.blank]
    assert blank.images == exact.blank
    assert blank.conflict


def test_nothing_else_is_wrong_with_the_real_data(exact):
    assert exact.missing == {}
    assert exact.warnings == ()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_jpeg_copies_of_the_known_twins_are_found_in_the_folder_form(fer2013, form, tmp_path):
    prepare(form("folder", None), tmp_path / "data")
    splits = open_splits(tmp_path / "data")
    relations = examine(splits, {}).relations
    near = relations.near
    pairs = set(
        zip(near.first[: near.twins].tolist(), near.second[: near.twins].tolist(), strict=True)
    )
    rows = rows_of_the_csv(tmp_path / "data" / "files.json")

    wanted = list(exact_pairs(fer2013))
    found = 0
    for one, other in wanted:
        ends = sorted(int(relations.alike[rows[row]]) for row in (one, other))
        found += ends[0] == ends[1] or tuple(ends) in pairs
    assert len(wanted) > 288 + 280
    assert found >= 0.95 * len(wanted)
    # Hardly any of them are alike in every pixel: train and test were encoded apart.
    assert relations.exact_in()[splits.counts["train"] :, 0].sum() < 30


def rows_of_the_csv(names):
    """Return for each row of fer2013.csv its row in the prepared data: its file's name tells."""
    numbers = np.random.default_rng(0).permutation(90_000) * 1000 + 7
    place = {int(number): row for row, number in enumerate(numbers)}
    rows = {}
    listed = json.loads(names.read_text())
    for row, name in enumerate(name for split in USAGES.values() for name in listed[split]):
        number = int(name.rpartition("_")[2].removesuffix(".jpg"))
        rows[place[number]] = row
    return rows


def exact_pairs(fer2013):
    """Give the rows of fer2013.csv of each exact pair of test or valid with train."""
    images = np.concatenate([np.load(fer2013 / f"{s}_images.npy") for s in USAGES.values()])
    count = len(np.load(fer2013 / "train_labels.npy"))
    train = defaultdict(list)
    for row in range(count):
        train[images[row].tobytes()].append(row)
    for row in range(count, len(images)):
        for twin in train.get(images[row].tobytes(), []):
            yield row, twin
