"""A report of several models and seeds of FER-2013's size, from stored records alone."""

import pytest
from made_store import make_store

from harness.cli.main import call

SIZES = ((2, 3), (5, 10))


@pytest.fixture(
    scope="module", params=SIZES, ids=lambda size: f"{size[0]} models x {size[1]} seeds"
)
def stored(request, tmp_path_factory):
    models, seeds = request.param
    root = tmp_path_factory.mktemp("stored")
    make_store(root, models=models, seeds=seeds)
    return root, models * seeds


@pytest.mark.benchmark(group="report")
def test_report(benchmark, stored, tmp_path, capsys):
    root, runs = stored
    words = ["report", "--results", str(root), "--out", str(tmp_path / "report")]
    code = benchmark.pedantic(call, (words,), rounds=2, warmup_rounds=1)
    assert code == 0
    if benchmark.stats:  # absent when benchmarks are disabled
        benchmark.extra_info["seconds_per_run"] = benchmark.stats["median"] / runs
