"""How the time and memory of preparing a CSV file grow with its rows.

``python benchmarks/growth_prepare.py`` writes files in the form of ``fer2013.csv`` with so many
rows, prepares each in a process of its own, in turns, and prints a Markdown table for
docs/performance.md. ``--source fer2013.csv`` takes the pixels from a real file: its rows, over and
over. The files lie in the system's temporary folder and are removed.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS = (3_589, 14_000, 35_887, 71_774)
SHARES = (("Training", 0.8), ("PublicTest", 0.9), ("PrivateTest", 1.0))
HEADER = "emotion,pixels,Usage\n"
HEADS = (
    *("rows", "file MB", "reading s", "of processor", "writing s", "of processor"),
    *("MB/s read", "peak MB"),
)


def images(source: Path | None, distinct: int = 1_000) -> Iterator[str]:
    """Give the pixels of rows without end: those of a file, or random ones."""
    if source is not None:
        while True:
            with source.open() as file:
                next(file)
                yield from (line.split(",")[1] for line in file)
    import numpy as np

    table = np.random.default_rng(0).integers(0, 256, (distinct, 48 * 48))
    yield from itertools.cycle([" ".join(map(str, row)) for row in table.tolist()])


def write_csv(path: Path, rows: int, source: Path | None = None) -> None:
    """Write a file of so many rows, in the order of splits and of all classes."""
    with path.open("w") as file:
        file.write(HEADER)
        for row, pixels in zip(range(rows), images(source), strict=False):
            usage = next(name for name, end in SHARES if row < end * rows)
            file.write(f"{row % 7},{pixels},{usage}\n")


def prepare(source: Path, out: Path) -> dict[str, float]:
    """Prepare a file in this process: seconds of wall time and of the processor, bytes at peak."""
    from harness.data import prepare as module

    marks, patched = [], vars(module)
    write = patched["write_splits"]

    def marked(*arguments: object, **options: object) -> object:
        marks.append((time.perf_counter(), time.process_time()))
        return write(*arguments, **options)

    patched["write_splits"] = marked
    start = time.perf_counter(), time.process_time()
    module.prepare(source, out, force=True)
    end = time.perf_counter(), time.process_time()
    return {
        "read_seconds": marks[0][0] - start[0],
        "read_processor_seconds": marks[0][1] - start[1],
        "write_seconds": end[0] - marks[0][0],
        "write_processor_seconds": end[1] - marks[0][1],
        "peak_bytes": peak(),
    }


def peak() -> int:
    """Return the peak of this process' resident memory in bytes.

    On Linux ``ru_maxrss`` of a child begins at what its parent held, ``VmHWM`` does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource  # Unix only, and this file is imported where it is not asked.

    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


def measure(source: Path, out: Path) -> dict[str, float]:
    """Prepare a file in a process of its own."""
    command = [sys.executable, __file__, "--once", str(source), str(out)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(found))


def table(rows: tuple[int, ...], rounds: int, source: Path | None) -> Iterator[str]:
    """Give the lines of the table: medians over the rounds, and the highest peak."""
    with tempfile.TemporaryDirectory() as folder:
        files = {count: Path(folder, f"{count}.csv") for count in rows}
        for count, path in files.items():
            write_csv(path, count, source)
        found: dict[int, list[dict[str, float]]] = {count: [] for count in rows}
        for _ in range(rounds):
            for count, path in files.items():
                found[count].append(measure(path, Path(folder, "out", str(count))))
        sizes = {count: path.stat().st_size for count, path in files.items()}
    yield f"| {' | '.join(HEADS)} |"
    yield "| ---: " * len(HEADS) + "|"
    for count, ones in found.items():
        yield line(count, sizes[count] / 1e6, ones)


def line(count: int, megabytes: float, ones: list[dict[str, float]]) -> str:
    """Return a line of the table."""
    names = [f"{what}{kind}_seconds" for what in ("read", "write") for kind in ("", "_processor")]
    seconds = [statistics.median(one[name] for one in ones) for name in names]
    most = max(one["peak_bytes"] for one in ones) / 1e6
    cells = [f"{count}", f"{megabytes:.0f}", *(f"{value:.2f}" for value in seconds)]
    return f"| {' | '.join([*cells, f'{megabytes / seconds[0]:.0f}', f'{most:.0f}'])} |"


def main() -> None:
    """Print the table, or measure once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--source", type=Path, help="a fer2013.csv, instead of random pixels")
    parser.add_argument("--once", type=Path, nargs=2, metavar=("SOURCE", "OUT"), help="as JSON")
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(prepare(*arguments.once)))
        return
    for text in table(tuple(arguments.rows), arguments.rounds, arguments.source):
        print(text, flush=True)


if __name__ == "__main__":
    main()
