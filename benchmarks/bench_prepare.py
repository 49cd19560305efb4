"""How fast a CSV file becomes a data set, and how much memory that takes."""

import importlib.util
from pathlib import Path

import pytest

from harness.data.prepare import prepare

ROWS = 3_000


def growth():
    """Import the script beside this file: the same rows, and a process of its own for memory."""
    path = Path(__file__).with_name("growth_prepare.py")
    spec = importlib.util.spec_from_file_location("growth_prepare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepare") / "fer2013.csv"
    growth().write_csv(path, ROWS)
    return path


def test_preparing_a_csv_file(benchmark, source, tmp_path):
    benchmark.pedantic(
        prepare, (source, tmp_path / "fer"), {"force": True}, rounds=5, warmup_rounds=1
    )
    megabytes = source.stat().st_size / 1e6
    once = growth().measure(source, tmp_path / "once")
    benchmark.extra_info["read_seconds"] = once["read_seconds"]
    benchmark.extra_info["write_seconds"] = once["write_seconds"]
    benchmark.extra_info["peak_memory_megabytes"] = once["peak_bytes"] / 1e6
    if benchmark.stats:  # absent when benchmarks are disabled
        benchmark.extra_info["megabytes_per_second"] = megabytes / benchmark.stats["median"]
