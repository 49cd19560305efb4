"""One side of a comparison: the runs in a results folder, a report or a record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.documents import is_file, is_folder
from harness.errors import RequestError, StoreError
from harness.schema import RunRecord, SpeedRecord, explain
from harness.store import Store

EXPECTED = (
    "expected a results folder, a run's folder or its record.json, or a report's folder or its "
    "runs.json"
)


@dataclass(frozen=True)
class Result:
    """One run with its speed on each machine, and the folder that holds its predictions, if any.

    A run in a report has no such folder.
    """

    record: RunRecord
    speeds: tuple[SpeedRecord, ...] = ()
    folder: Path | None = None

    @property
    def done(self) -> bool:
        """Whether the run has test metrics."""
        return self.record.status == "done" and self.record.test is not None


@dataclass(frozen=True)
class Side:
    """What one side of a comparison holds: its finished runs, and those that did not finish."""

    name: str
    results: tuple[Result, ...]
    unfinished: tuple[Result, ...] = ()
    problems: tuple[str, ...] = ()


def open_side(path: Path) -> Side:
    """Read the runs at ``path``. Raises `RequestError` where there is none, or no such thing."""
    if not is_file(path) and not is_folder(path):
        raise RequestError(f"{path} does not exist, {EXPECTED}")
    found, problems = _read(path)
    done = tuple(one for one in found if one.done)
    if not done:
        raise RequestError(f"{path} holds no finished run, so there is nothing to compare")
    unfinished = tuple(one for one in found if not one.done)
    return Side(path.name or str(path), done, unfinished, tuple(problems))


def _read(path: Path) -> tuple[list[Result], list[str]]:
    if is_file(path):
        return _of_file(path), []
    for name in ("record.json", "runs.json"):
        if is_file(path / name):
            return _of_file(path / name), []
    store = Store(path)
    listing = store.list_runs()
    if not listing.records and not listing.problems:
        raise RequestError(f"{path} holds no runs, {EXPECTED}")
    found = [Result(record, store.speeds(record), folder) for folder, record in listing.records]
    return found, listing.problems


def _of_file(path: Path) -> list[Result]:
    try:
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and "runs" in content:
            return [_of_report(run) for run in content["runs"]]
        record = RunRecord.model_validate(content)
    except ValidationError as error:
        raise StoreError(f"{path} is no record of runs: {explain(error)}; {EXPECTED}") from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise StoreError(f"{path} cannot be read as JSON of runs, {EXPECTED}") from error
    return [Result(record, _speeds_beside(path, record), path.parent)]


def _of_report(run: Any) -> Result:
    if not isinstance(run, dict):
        raise TypeError("a run of a report is an object")
    speed = SpeedRecord.model_validate(run["speed"]) if run.get("speed") else None
    record = RunRecord.model_validate(run["record"])
    return Result(record, (speed,) if speed and speed.status == "done" else ())


def _speeds_beside(path: Path, record: RunRecord) -> tuple[SpeedRecord, ...]:
    """Return the speeds in the store that a record lies in: runs/<dataset>/<model>/<run>."""
    parents = path.absolute().parents
    if len(parents) > 4 and parents[3].name == "runs":
        return Store(parents[4]).speeds(record)
    return ()
