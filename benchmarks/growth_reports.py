"""How the time and memory of a report, and of listing runs, grow: tables in Markdown.

Each size is a store that is made for it and a process of its own; time is that process's, start-up
included, memory its peak.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from made_store import make_records, make_store

START = "from harness.cli import main; main()"
BASE = {"models": 4, "seeds": 10, "classes": 7, "epochs": 30}
REPORTS = {
    "models": (2, 4, 8, 16),
    "seeds": (5, 10, 20, 40),
    "classes": (7, 20, 100),
    "epochs": (20, 60, 200),
}
RECORDS = (1000, 3000, 10_000)


def measure(words: Sequence[str]) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of a command in a process of its own."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", START, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}")
    factor = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - start, usage.ru_maxrss * factor / 1e6


def fastest(words: Sequence[str], times: int) -> tuple[float, float]:
    """Return the fewest seconds of several goes, and the most megabytes."""
    found = [measure(words) for _ in range(times)]
    return min(seconds for seconds, _ in found), max(memory for _, memory in found)


def report(times: int, **size: Any) -> tuple[float, float]:
    """Measure the report of a store of that size."""
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder), **size)
        return fastest(["report", "--results", folder], times)


def listing(times: int, records: int) -> Iterator[tuple[str, float, float]]:
    """Measure the list of so many records, as a table and as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        make_records(Path(folder), records)
        for name, more in (("table", []), ("JSON", ["--json"])):
            yield name, *fastest(["runs", "list", "--results", folder, *more], times)


def rows(times: int, largest: bool) -> Iterator[str]:
    """Yield the lines of the tables."""
    for what, values in REPORTS.items():
        fixed = ", ".join(f"{value} {name}" for name, value in BASE.items() if name != what)
        yield f"\n| {what} ({fixed}) | runs | report s | peak MB |\n| ---: | ---: | ---: | ---: |"
        for value in values:
            size = BASE | {what: value}
            seconds, memory = report(times, **size)
            yield f"| {value} | {size['models'] * size['seeds']} | {seconds:.2f} | {memory:.0f} |"
    if largest:
        seconds, memory = report(1, models=10, seeds=100)
        yield f"\n10 models × 100 seeds: {seconds:.1f} s, {memory:.0f} MB."
    yield "\n| records | form | listing s | peak MB |\n| ---: | --- | ---: | ---: |"
    for count in RECORDS:
        for name, seconds, memory in listing(times, count):
            yield f"| {count} | {name} | {seconds:.2f} | {memory:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--times", type=int, default=3, help="goes at each size; the fastest counts"
    )
    parser.add_argument("--largest", action="store_true", help="10 models × 100 seeds, too")
    wanted = parser.parse_args()
    for row in rows(wanted.times, wanted.largest):
        print(row, flush=True)


if __name__ == "__main__":
    main()
