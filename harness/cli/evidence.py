"""What a report shows beside records: predictions and logs from the store, images if asked for."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import RequestError, StoreError
from harness.schema import RunRecord
from harness.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.plugins import Host
    from harness.report import Entry
    from harness.report.evidence import Evidence, Reader
    from harness.schema import Epoch, SpeedRecord

    Images = NDArray[np.uint8]

LINES = 60
# The pages are passed on, and the folders of a machine are nobody else's business.
FOLDERS = re.compile(r"(?<![\w.…:/])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:\"'<>|]+)+[/\\](?=[^\s/\\])")


def read_entries(
    store: Store, records: Sequence[RunRecord], warn: Callable[[str], None]
) -> "list[Entry]":
    """Return what the store knows of runs; what cannot be read is a warning, once."""
    from harness.report import Entry

    told: set[str] = set()

    def once(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            warn(f"{sentence}; the report goes without it")

    def epochs(record: RunRecord) -> "tuple[Epoch, ...]":
        try:
            return store.epochs(record)
        except StoreError as error:
            once(str(error))
            return ()

    speeds = side_by_side([store.timings(record, once) for record in records])
    return [
        Entry(record, epochs(record), speed, store.robustness(record, once))
        for record, speed in zip(records, speeds, strict=True)
    ]


def side_by_side(timings: "Sequence[Sequence[SpeedRecord]]") -> "list[SpeedRecord | None]":
    """Choose of each run's timings the one of the machine that timed most of the runs.

    Where that did not time a model, of the one that timed most runs of those that did; of several
    that are alike in this, of the one that measured last. A timing that failed stands where there
    is no other.
    """
    done = [speed for one in timings for speed in one if speed.status == "done"]
    counts = Counter(speed.environment.machine for speed in done)
    last: dict[str, str] = {}
    for speed in sorted(done, key=lambda speed: speed.measured_at):
        last[speed.environment.machine] = speed.measured_at

    def rank(speed: "SpeedRecord") -> tuple[bool, int, str, str]:
        machine = speed.environment.machine
        return speed.status == "done", counts[machine], last.get(machine, ""), speed.measured_at

    return [max(one, key=rank, default=None) for one in timings]


def read_evidence(
    store: Store, warn: Callable[[str], None], images: "Images | None" = None
) -> "Reader":
    """Return how a report reads what a run left; what cannot be read is a warning."""
    from harness.report.evidence import Evidence

    def read(record: RunRecord) -> "Evidence":
        folder = store.run_folder(record)
        found = _predictions(folder, warn)
        return Evidence(
            found.get("test_probabilities"),
            found.get("test_labels"),
            images,
            log_tail(folder / "log.txt"),
            found,
        )

    return read


def _predictions(folder: Path, warn: Callable[[str], None]) -> dict[str, Any]:
    from harness.evaluate.predictions import FILE, read_predictions

    if not (folder / FILE).is_file():
        return {}
    try:
        return read_predictions(folder)
    except StoreError as error:
        warn(f"{error}; the report goes without its predictions")
        return {}


def log_tail(path: Path) -> str:
    """Return the last lines of a log, without the epochs and without the names of folders."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    told = [line for line in lines if not line.startswith('{"epoch"')]
    return FOLDERS.sub("…/", "\n".join(told[-LINES:]))


def open_images(words: str, fingerprint: str, host: "Host") -> "Images":
    """Return the test images of the data that was run on: a folder, or a plugin's data set.

    Raises `RequestError` for other data, and where there is none.
    """
    from harness.cli.opened import find_data

    splits = find_data(words, host).splits
    if splits.fingerprint != fingerprint:
        raise RequestError(
            f"--images: {words} holds other data (fingerprint {splits.fingerprint[:8]}) than the "
            f"runs were made on ({fingerprint[:8]}); give the data that they were made on"
        )
    return splits.test.images
