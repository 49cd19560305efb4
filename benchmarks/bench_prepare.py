"""How fast a CSV file becomes a data set, and how much memory that takes."""

import pytest
from growth_prepare import measure, write_csv

from harness.data.prepare import prepare

ROWS = 3_000


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepare") / "fer2013.csv"
    write_csv(path, ROWS)
    return path


def test_preparing_a_csv_file(benchmark, source, tmp_path):
    benchmark.pedantic(
        prepare, (source, tmp_path / "fer"), {"force": True}, rounds=5, warmup_rounds=1
    )
    megabytes = source.stat().st_size / 1e6
    # In a process of its own, for its peak of memory.
    once = measure(source, tmp_path / "once")
    benchmark.extra_info["read_seconds"] = once["read_seconds"]
    benchmark.extra_info["write_seconds"] = once["write_seconds"]
    benchmark.extra_info["peak_memory_megabytes"] = once["peak_bytes"] / 1e6
    benchmark.extra_info["megabytes_per_second_read"] = megabytes / once["read_seconds"]
