"""Listing stored runs, whose records have the size of FER-2013's."""

import pytest
from made_store import make_records

from harness.cli.main import call

RECORDS = 2000


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    root = tmp_path_factory.mktemp("stored")
    make_records(root, RECORDS)
    return root


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["table", "json"])
@pytest.mark.benchmark(group=f"listing {RECORDS:,} runs")
def test_listing(benchmark, stored, capsys, more):
    words = ["runs", "list", "--results", str(stored), *more]
    code = benchmark.pedantic(call, (words,), rounds=3, warmup_rounds=1)
    assert code == 0
    if benchmark.stats:
        benchmark.extra_info["seconds_per_10000"] = benchmark.stats["median"] * 10_000 / RECORDS
