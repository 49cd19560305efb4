"""How the time and memory of a report, and of listing runs, grow: tables in Markdown.

Each size is a store that is made for it and a process of its own; time is that process's, start-up
included, memory its peak. Linux hands the peak of a parent on to its children, so this script stays
small and leaves the making of stores to a further process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

MAKE = Path(__file__).with_name("made_store.py")

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


def make(folder: str, **size: int) -> None:
    """Fill a folder with a store of that size."""
    words = [f"--{name}={value}" for name, value in size.items()]
    subprocess.run([sys.executable, MAKE, folder, *words], check=True)


def report(times: int, **size: int) -> tuple[float, float]:
    """Measure the report of a store of that size."""
    with tempfile.TemporaryDirectory() as folder:
        make(folder, **size)
        return fastest(["report", "--results", folder], times)


def listing(times: int, records: int) -> Iterator[tuple[str, float, float]]:
    """Measure the list of so many records, as a table and as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        make(folder, records=records)
        for name, more in (("table", []), ("JSON", ["--json"])):
            yield name, *fastest(["runs", "list", "--results", folder, *more], times)


def report_rows(what: str, times: int) -> Iterator[str]:
    """Yield the table of reports against one size, the others fixed."""
    fixed = ", ".join(f"{value} {name}" for name, value in BASE.items() if name != what)
    yield f"\n| {what} ({fixed}) | runs | report s | peak MB |\n| ---: | ---: | ---: | ---: |"
    for value in REPORTS[what]:
        size = BASE | {what: value}
        seconds, memory = report(times, **size)
        yield f"| {value} | {size['models'] * size['seeds']} | {seconds:.2f} | {memory:.0f} |"


def record_rows(times: int) -> Iterator[str]:
    """Yield the table of listings against records."""
    yield "\n| records | form | listing s | peak MB |\n| ---: | --- | ---: | ---: |"
    for count in RECORDS:
        for name, seconds, memory in listing(times, count):
            yield f"| {count} | {name} | {seconds:.2f} | {memory:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--times", type=int, default=3, help="goes at each size; the fastest counts"
    )
    parser.add_argument(
        "--only", choices=(*REPORTS, "records", "largest"), action="append", help="these tables"
    )
    wanted = parser.parse_args()
    for what in wanted.only or (*REPORTS, "records", "largest"):
        if what == "largest":
            seconds, memory = report(1, models=10, seeds=100)
            print(f"\n10 models × 100 seeds: {seconds:.1f} s, {memory:.0f} MB.", flush=True)
            continue
        for row in (
            record_rows(wanted.times) if what == "records" else report_rows(what, wanted.times)
        ):
            print(row, flush=True)


if __name__ == "__main__":
    main()
