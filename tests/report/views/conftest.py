"""What the tests of views ask of a view, and runs that an audit judged."""

import pytest

from harness.report import compare
from harness.schema import AuditCard


@pytest.fixture
def cell():
    """Return the cell of a view in the line of this label, below this head."""

    def cell(view, label, head):
        line = next(line for line in view.lines if line.label == label)
        return line.cells[[h.text for h in view.heads].index(head)]

    return cell


@pytest.fixture
def heads():
    """Return the texts of a view's heads."""
    return lambda view: [head.text for head in view.heads]


@pytest.fixture
def audited(make_entry, make_metrics):
    """Two models that were judged on the clean test, one by another audit, and one without."""

    def entry(model, skill, digest):
        card = AuditCard(version=1, clean_sha256=digest, clean=500, exact=150, near=50)
        return make_entry(model, skill, audit=card, test_clean=make_metrics(skill, n=500))

    return compare([entry("a", 1.8, "x"), entry("b", 1.2, "x"), make_entry("c", 0.9)])
