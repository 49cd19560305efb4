"""How fast a CSV file becomes a data set."""

from collections.abc import Iterator

import numpy as np
import pytest

from harness.data.prepare import prepare

ROWS = 3000
USAGES = ("Training",) * 8 + ("PublicTest", "PrivateTest")


def rows() -> Iterator[str]:
    random = np.random.default_rng(0)
    for row in range(ROWS):
        pixels = " ".join(map(str, random.integers(0, 256, 48 * 48).tolist()))
        yield f"{row % 7},{pixels},{USAGES[row * 10 // ROWS]}\n"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepare") / "fer2013.csv"
    with path.open("w") as file:
        file.write("emotion,pixels,Usage\n")
        file.writelines(rows())
    return path


def test_preparing_a_csv_file(benchmark, source, tmp_path):
    benchmark.pedantic(
        prepare, (source, tmp_path / "fer"), {"force": True}, rounds=5, warmup_rounds=1
    )
    megabytes = source.stat().st_size / 1e6
    if benchmark.stats:  # absent when benchmarks are disabled
        benchmark.extra_info["megabytes_per_second"] = megabytes / benchmark.stats["median"]
