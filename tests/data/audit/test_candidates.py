from dataclasses import fields

import numpy as np
import pytest

from harness.data.audit import candidates, descriptor
from harness.data.audit.candidates import MOVES, Candidates, find_candidates
from harness.data.audit.descriptor import Descriptor, cells_of, learn, shifted
from harness.data.audit.gallery import Gallery


def shift(image, down, right):
    """Move an image by whole pixels; what comes in repeats the edge."""
    padded = np.pad(image, 8, mode="edge")
    height, width = image.shape
    return padded[8 - down : 8 - down + height, 8 - right : 8 - right + width]


def pairs_of(found):
    return set(zip(found.first.tolist(), found.second.tolist(), strict=True))


@pytest.fixture
def few(monkeypatch):
    """Keep as many candidates as there are images, in small blocks."""
    monkeypatch.setattr(candidates, "EACH", 1)
    monkeypatch.setattr(candidates, "LEAST", 0)
    monkeypatch.setattr(candidates, "BLOCK", (256, 512))


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("by", [(0, 0), (3, 3), (-3, 3), (0, -3)])
def test_shifted_copies_are_among_few_candidates(pictures, make_data, few, by, mirror):
    images = pictures(1200)
    copies = np.stack([shift(image[:, ::-1] if mirror else image, *by) for image in images[:40]])
    gallery = Gallery(make_data(images, copies, images[:1]))
    rows = np.arange(1240)
    found = find_candidates(gallery, rows, lambda part: None)
    assert len(found.first) < 4 * len(rows)
    wanted = {(row, 1200 + row) for row in range(40)}
    assert len(wanted & pairs_of(found)) == 40
    # They are the most alike of all, and known to be mirrored or not.
    assert pairs_of(found[slice(0, 40)]) == wanted
    assert (found.mirrored[:40] == mirror).all()


def test_about_as_many_are_kept_whatever_images_come_first(pictures, make_data, few):
    # A class that folders put first, of images that are more alike than others.
    alike = 0.9 * pictures(1, seed=5) + 0.1 * pictures(300, seed=3)
    gallery = Gallery(make_data(alike.astype(np.uint8), pictures(900, seed=4), pictures(1)))
    rows = np.arange(1200)
    for order in (rows, rows[::-1].copy()):
        found = find_candidates(gallery, order, lambda part: None)
        assert 0.5 * len(rows) < len(found.first) < 2 * len(rows)


def test_few_images_are_all_compared(pictures, make_data):
    gallery = Gallery(make_data(pictures(12), pictures(5, seed=1), pictures(6, seed=2)))
    rows = np.array([0, 3, 4, 13, 20])
    heard = []
    found = find_candidates(gallery, rows, heard.append)
    every = {(int(a), int(b)) for a in rows for b in rows if a < b}
    assert pairs_of(found) == every
    assert len(found.first) == 2 * len(every)
    assert (np.diff(found.likeness) <= 0).all()
    assert heard == [1]


def test_the_likeness_is_that_of_a_plain_loop_over_moves(pictures, make_data):
    images = pictures(6).astype(np.uint8)
    found = find_candidates(
        Gallery(make_data(images[:4], images[4:5], images[5:])), np.arange(6), lambda part: None
    )
    cells, plain = cells_of(images.astype(np.float32)), Descriptor(None)
    turned = cells[:, :, ::-1]
    for place in range(len(found.first)):
        one, other = found.first[place], found.second[place]
        target = plain.of((turned if found.mirrored[place] else cells)[[other]])[0]
        likeness = [float(plain.of(shifted(cells[[one]], *move))[0] @ target) for move in MOVES]
        assert found.move[place] == np.argmax(likeness)
        assert found.likeness[place] == pytest.approx(max(likeness), abs=1e-5)


def test_a_pair_is_kept_once_by_its_best_move():
    def part(move, likeness):
        return Candidates(
            *(np.array(values) for values in ([1, 1], [5, 7])),
            np.array([False, True]),
            np.full(2, move, np.int8),
            np.array(likeness, np.float32),
        )

    best = Candidates.best([part(0, [0.2, 0.9]), part(3, [0.8, 0.1])])
    assert best.second.tolist() == [7, 5]
    assert best.move.tolist() == [0, 3]
    assert best.likeness.tolist() == pytest.approx([0.9, 0.8])


def test_the_learned_descriptor_bears_shifts_that_cells_do_not(pictures):
    # Like faces, they have most in common with each other.
    common = pictures(1, seed=5)
    images = 0.8 * common + 0.2 * pictures(1500, seed=3)
    learned = learn(images.astype(np.float32), 48, 1.5 / 48, np.random.default_rng(0))
    fresh = (0.8 * common + 0.2 * pictures(300, seed=4)).astype(np.float32)
    moved = np.stack([shift(image, 2, -1) for image in fresh])

    def apart(found):
        """The part of copies that are more alike than but one in a thousand strangers."""
        likeness = found.of(cells_of(fresh)) @ found.of(cells_of(moved)).T
        strangers = np.quantile(likeness[~np.eye(len(fresh), dtype=bool)], 0.999)
        return (np.diag(likeness) > strangers).mean()

    assert apart(Descriptor(None)) < 0.5
    assert apart(learned) > 0.95


def test_too_few_images_teach_nothing(pictures):
    sample = pictures(descriptor.FEWEST - 1, 16, 16).astype(np.float32)
    assert learn(sample, 8, 0.03, np.random.default_rng(0)).weights is None


def test_no_candidates_are_none_of_the_best():
    """As of drawings that are all alike, where no likeness is above most."""
    empty = Candidates(*(np.empty(0, dtype=np.int64) for _ in fields(Candidates)))
    assert len(Candidates.best([empty]).first) == 0
