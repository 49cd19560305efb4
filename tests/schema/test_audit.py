import json

import pytest

from harness.schema import (
    Audit,
    AuditCard,
    AuditedImage,
    Conflicts,
    TwinCounts,
    TwinGroup,
    TwinPair,
)


@pytest.fixture
def audit():
    one = AuditedImage(split="train", index=3, label=0, file="a/ü.jpg")
    other = AuditedImage(split="test", index=4, label=1)
    return Audit(
        version=1,
        dataset="pets",
        fingerprint="ab",
        counts={"train": 9, "valid": 3, "test": 5},
        exact=TwinCounts(test_train=1),
        near=TwinCounts(),
        threshold=0.9,
        pairs=2,
        doubtful=0,
        exact_conflicts=Conflicts(groups=1, images=2),
        near_conflicts=Conflicts(),
        missing={"valid": ("cat",)},
        warnings=("beware",),
        card=AuditCard(version=1, clean_sha256="00", clean=4, exact=1, near=0),
        blank=(),
        exact_groups=(TwinGroup(images=(one, other)), TwinGroup(images=(one, one), blank=True)),
        near_groups=(),
        near_pairs=(TwinPair(first=one, second=other, score=0.91, mirrored=True),) * 2,
        doubtful_pairs=(),
    )


def test_what_is_written_is_read_again(audit):
    assert Audit.model_validate_json(audit.to_json()) == audit
    assert json.loads(audit.to_json())["schema"] == 1


def test_each_group_and_each_pair_is_a_line(audit):
    lines = audit.to_json().splitlines()
    assert sum('"images":[' in line for line in lines) == 2
    assert sum('"score":0.91' in line for line in lines) == 2
    assert any('"file":"a/ü.jpg"' in line for line in lines)


def test_a_group_conflicts_where_labels_differ(audit):
    assert [group.conflict for group in audit.exact_groups] == [True, False]
