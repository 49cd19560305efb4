import numpy as np
import pytest

from harness.data.audit.gallery import Gallery
from harness.data.audit.near import NearTwins
from harness.data.audit.relations import Relations


@pytest.fixture(params=range(4))
def relations(request, make_data):
    """Random exact twins among 30 rows of three splits, and random near pairs of first ones."""
    random = np.random.default_rng(request.param)
    images = random.integers(0, 18, 30).astype(np.uint8)[:, None, None] * np.ones((1, 4, 4), "u1")
    gallery = Gallery(make_data(images[:14], images[14:22], images[22:]))
    values = images[:, 0, 0]
    alike = np.array([np.flatnonzero(values == value)[0] for value in values])
    firsts = np.unique(alike)
    pairs = np.sort([random.choice(firsts, 2, replace=False) for _ in range(5)], axis=1)
    score = np.array([0.99, 0.97, 0.95, 0.91, 0.88], np.float32)
    near = NearTwins(pairs[:, 0], pairs[:, 1], np.zeros(5, bool), score, 0.9)
    return Relations(gallery, alike, near)


def exact(relations, one, other):
    return one != other and relations.alike[one] == relations.alike[other]


def nearly(relations, one, other):
    ends = {relations.alike[one], relations.alike[other]}
    near = relations.near
    return any(ends == {a, b} for a, b in zip(near.first[:4], near.second[:4], strict=True))


def test_exact_twins_are_those_of_a_plain_loop(relations):
    found, split = relations.exact_in(), relations.gallery.split_of
    for row in range(30):
        for other in range(3):
            members = np.flatnonzero(split == other)
            assert found[row, other] == any(exact(relations, row, m) for m in members)


def test_near_twins_are_those_of_a_plain_loop_where_no_exact_one_is(relations):
    found, split = relations.near_in(), relations.gallery.split_of
    for row in range(30):
        for other in range(3):
            members = np.flatnonzero(split == other)
            expected = any(nearly(relations, row, m) for m in members)
            expected &= not any(exact(relations, row, m) for m in members)
            assert found[row, other] == expected


def test_groups_are_the_connected_parts(relations):
    def reached(row, *links):
        seen, waiting = {row}, [row]
        while waiting:
            one = waiting.pop()
            new = {m for m in range(30) if any(link(relations, one, m) for link in links)} - seen
            seen |= new
            waiting += new
        return frozenset(seen)

    groups = {frozenset(group.tolist()) for group in relations.exact_groups()}
    assert groups == {g for row in range(30) if len(g := reached(row, exact)) > 1}
    joined = {frozenset(group.tolist()) for group in relations.near_groups()}
    expected = {reached(row, exact, nearly) for row in range(30)} - groups
    assert joined == {group for group in expected if len(group) > 1}


def test_groups_are_in_the_order_of_their_first_rows(relations):
    firsts = [int(group[0]) for group in relations.exact_groups()]
    assert firsts == sorted(firsts)
