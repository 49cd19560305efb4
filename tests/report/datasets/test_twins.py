import io

import numpy as np
import pytest
from PIL import Image

from harness.data.audit import find_audit
from harness.data.splits import open_splits
from harness.report.datasets import twins
from harness.report.datasets.twins import choose_pairs, draw_twins
from harness.schema import AuditedImage, TwinPair


@pytest.fixture
def splits(tmp_path):
    """Twelve pictures in train, the first five of them mirrored in valid; test has others."""
    blocks = np.random.default_rng(0).integers(40, 216, (16, 8, 8)).astype(np.uint8)
    pictures = blocks.repeat(4, axis=1).repeat(3, axis=2)
    parts = {"train": pictures[:12], "valid": pictures[:5, :, ::-1], "test": pictures[12:]}
    for split, images in parts.items():
        np.save(tmp_path / f"{split}_images.npy", images)
        np.save(tmp_path / f"{split}_labels.npy", np.arange(len(images)) % 2)
    return open_splits(tmp_path)


@pytest.fixture
def audit(splits, tmp_path):
    return find_audit(tmp_path, splits)[0]


def pair(score):
    images = (AuditedImage(split=split, index=0, label=0) for split in ("train", "test"))
    return TwinPair(first=next(images), second=next(images), score=score)


@pytest.fixture
def many(audit):
    """An audit with 100 pairs from 1.00 down and 30 doubtful ones below."""
    scores = np.linspace(1, 0.9, 100).round(4)
    below = np.linspace(0.899, 0.86, 30).round(4)
    return audit.model_copy(
        update={
            "near_pairs": tuple(map(pair, scores.tolist())),
            "doubtful_pairs": tuple(map(pair, below.tolist())),
            "pairs": 100,
            "doubtful": 30,
        }
    )


def test_pairs_come_in_order_of_score_a_third_below_and_a_third_above_the_threshold(many):
    scores = [one.score for one in choose_pairs(many, 30)]
    assert scores == sorted(scores)
    assert scores[:10] == [one.score for one in many.doubtful_pairs[:10]][::-1]
    assert scores[10:20] == [one.score for one in many.near_pairs[:-11:-1]]
    rest = [one.score for one in many.near_pairs[::-1]][10:]
    assert scores[20:] == rest[::9]


def test_all_pairs_are_shown_where_there_are_few(many, audit):
    assert len(choose_pairs(many, 500)) == 130
    assert len(choose_pairs(audit, 120)) == audit.pairs == 5
    assert choose_pairs(many, 0) == ()
    doubtful = many.model_copy(update={"near_pairs": ()})
    assert len(choose_pairs(doubtful, 2)) == 2
    assert len(choose_pairs(doubtful, 20)) == min(20, len(doubtful.doubtful_pairs))


def test_a_mirrored_twin_is_turned_to_look_like_the_first(splits, audit):
    [first, *_] = audit.near_pairs
    assert first.mirrored
    own = twins._cell(splits, first.first, turned=False)
    assert np.array_equal(own, twins._cell(splits, first.second, turned=True))
    assert not np.array_equal(own, twins._cell(splits, first.second, turned=False))


def test_an_image_keeps_the_ratio_of_its_sides(splits, audit):
    cell = twins._cell(splits, audit.near_pairs[0].first, turned=False)
    assert cell.shape == (twins.CELL, twins.CELL, 3)
    # 32 × 24 pixels: a band on both sides is empty.
    assert (cell[:, :12] == twins.EMPTY).all()
    assert (cell[:, -12:] == twins.EMPTY).all()


@pytest.mark.parametrize("count", [2, 40])
def test_the_picture_grows_with_its_pairs(splits, many, count):
    image = Image.open(io.BytesIO(draw_twins(splits, many, count)))
    rows = -(-count // twins.COLUMNS)
    height = rows * (twins.CELL + twins.LETTERS) + (twins.HEAD + twins.MARGIN) * twins.INCH
    assert image.height == pytest.approx(height, abs=2)


def test_no_threshold_is_said_in_words(splits, many):
    without = many.model_copy(update={"threshold": None})
    assert "cannot be told" in twins._words((), without)
    assert "2 of 100 pairs at or above 0.90 and of 30" in twins._words(many.near_pairs[:2], many)
