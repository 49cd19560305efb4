from dataclasses import replace

import numpy as np
import pytest

from harness.data.arrays import SPLITS
from harness.data.ferplus.majority import NOBODY, majority, relabel
from harness.data.ferplus.table import NAMES
from harness.data.formats.reader import Prepared
from harness.data.votes import Votes
from harness.schema import Source


def winner(**votes) -> str:
    row = np.array([[votes.get(name, 0) for name in NAMES]], np.uint8)
    place = int(majority(row)[0])
    return "nobody" if place == NOBODY else NAMES[place]


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({"fear": 10}, "fear"),
        ({"fear": 6, "anger": 4}, "fear"),
        # Single votes are outliers: 4 of 4 are left, then 5 of 8, then 4 of 8.
        ({"fear": 4, "neutral": 1, "anger": 1, "disgust": 1, "sadness": 1}, "fear"),
        ({"fear": 5, "anger": 3, "disgust": 1, "neutral": 1}, "fear"),
        ({"fear": 4, "anger": 2, "sadness": 2, "disgust": 1, "neutral": 1}, "nobody"),
        ({"fear": 5, "anger": 5}, "nobody"),
        ({"fear": 4, "anger": 4, "sadness": 2}, "nobody"),
        ({"contempt": 7, "neutral": 3}, "contempt"),
        ({"unknown": 6, "neutral": 4}, "unknown"),
        ({"unknown": 5, "neutral": 5}, "nobody"),
        ({"NF": 10}, "NF"),
        ({}, "nobody"),
        ({"fear": 1}, "nobody"),
        # More votes than a byte adds up to.
        ({"fear": 200, "anger": 150}, "fear"),
    ],
)
def test_the_majority_is_more_than_half_of_the_votes_without_single_ones(votes, expected):
    assert winner(**votes) == expected


def by_the_book(row) -> int:
    """The authors' rule, a row at a time and in their order of steps."""
    row = [0 if count < 2 else count for count in row]
    most = max(row)
    return row.index(most) if most > 0.5 * sum(row) else NOBODY


def test_it_is_the_authors_rule_on_the_real_votes(fer2013):
    rows = np.genfromtxt(fer2013 / "fer2013new.csv", delimiter=",", skip_header=1, dtype=str)
    votes = rows[:, 2:].astype(np.uint8)
    assert majority(votes).tolist() == [by_the_book(row) for row in votes.tolist()]


def test_names_of_files_go_with_their_images():
    votes = np.zeros((3, len(NAMES)), np.uint8)
    votes[[0, 2], NAMES.index("fear")] = 10  # Of the second nobody says anything.
    images, labels = np.zeros((3, 2, 2), np.uint8), np.zeros(3, np.int64)
    source = Source(name="x", form="test")
    prepared = Prepared(
        arrays=dict.fromkeys(SPLITS, (images, labels)),
        classes=("a", "b"),
        source=source,
        files={key: ["1.png", "2.png", "3.png"] for key in SPLITS},
        votes=Votes(NAMES, dict.fromkeys(SPLITS, votes), source),
    )
    found = relabel(prepared)
    assert found.files == {key: ["1.png", "3.png"] for key in SPLITS}
    assert len(found.arrays["train"][1]) == 2
    assert relabel(replace(prepared, files=None)).files is None
