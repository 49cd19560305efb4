"""The `results/` folder: records of runs by key, records of speed by machine."""

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import ValidationError

from harness.documents import (
    complete_lines,
    is_file,
    is_folder,
    make_folder,
    not_writable,
    read_document,
    write_text,
)
from harness.errors import StoreError
from harness.files import sync
from harness.schema import (
    CORRUPTIONS_VERSION,
    Epoch,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
    explain,
)
from harness.schema.summary import RunSummary

R = TypeVar("R", bound=RunRecord | RunSummary)
Run = RunSpec | RunRecord | RunSummary
Warn = Callable[[str], None]

LOCK = ".lock"
FINAL = ("done", "unsupported")
# A killed parent's child ends by itself within moments; a living run holds its lock for longer.
LOCK_SECONDS = 10


def ignore(sentence: str) -> None:
    """Warn nobody."""


@dataclass
class Listing(Generic[R]):
    """Every readable record with its folder, and a sentence for each file that is none."""

    records: list[tuple[Path, R]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Store:
    """Reads and writes one results folder. Every document is written at once or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def report_folder(self) -> Path:
        """Where the last report lies."""
        return self.root / "report"

    def run_folder(self, run: Run) -> Path:
        """Return the folder of a run: ``runs/<dataset>/<model>/<seed>-<key>``."""
        name = f"{run.seed}-{run.key[:12]}"
        return self.root / "runs" / _file_name(run.dataset.name) / run.model / name

    def find(self, spec: RunSpec) -> RunRecord | None:
        """Return the record of this very run, if it is there and readable."""
        try:
            record = read_document(self.run_folder(spec) / "record.json", RunRecord)
        except StoreError:
            return None
        return record if record and record.key == spec.key else None

    def finished(self, spec: RunSpec) -> RunRecord | None:
        """Return the record of this very run, if it is there and final."""
        record = self.find(spec)
        return record if record and record.status in FINAL else None

    def problem(self, spec: RunSpec) -> str | None:
        """Return what is wrong with the files of this very run, if it cannot go on from them."""
        try:
            read_document(self.run_folder(spec) / "record.json", RunRecord)
            if self.checkpointed(spec):
                self.epochs(spec)
        except StoreError as error:
            return str(error)
        return None

    def folders_of_key(self, start: str, name: str) -> list[Path]:
        """Return the folders of runs whose keys begin so, of twelve digits at most.

        Of one key there are several where the same data lies under several names: those that hold a
        file of that ``name`` come first.
        """
        found = self.root.glob(f"runs/*/*/*-{start[:12]}*/record.json")
        return sorted(
            (path.parent for path in found), key=lambda one: (not (one / name).is_file(), one)
        )

    def trained_alike(
        self, spec: RunSpec, beside: Iterable[tuple[Path, RunRecord]]
    ) -> Iterator[RunRecord]:
        """Yield other finished runs of the same training that are there with their weights.

        ``beside`` are those `of_model_and_seed`.
        """
        for folder, record in beside:
            # Records of before there were such keys are of plain runs.
            alike = (record.train_key or record.key) == spec.train_key
            if record.key == spec.key or record.status != "done" or not alike:
                continue
            if (folder / "model.safetensors").is_file():
                yield record

    def of_model_and_seed(self, spec: RunSpec) -> Iterator[tuple[Path, RunRecord]]:
        """Yield the readable records of this model and seed on this data, and their folders.

        Copies in folders of other names are left out: what is done is done to the run's own.
        """
        for path in sorted(self.run_folder(spec).parent.glob(f"{spec.seed}-*/record.json")):
            with contextlib.suppress(StoreError):
                record = read_document(path, RunRecord)
                if record and self._lies_in(path.parent, record):
                    yield path.parent, record

    def checkpointed(self, spec: RunSpec) -> bool:
        """Whether an interrupted run left a checkpoint to go on from.

        Raises `StoreError` where its folder may not be entered.
        """
        return is_file(self.run_folder(spec) / "checkpoint.pt")

    def discard(self, spec: RunSpec) -> None:
        """Remove all that a run left, so that it is made from the start.

        Raises `StoreError` where another process is making it, or it cannot be removed.
        """
        with self.lock(spec):
            _empty(self.run_folder(spec))

    def remove(self, record: RunRecord | RunSummary) -> None:
        """Remove a run's folder.

        Raises `StoreError` where another process is making the run, or has made it again since
        ``record`` was read, or where it cannot be removed.
        """
        folder = self.run_folder(record)
        with self.lock(record):
            now = read_document(folder / "record.json", RunSummary)
            if now and (now.status, now.finished_at) != (record.status, record.finished_at):
                raise StoreError(f"{folder} was made again meanwhile and is {now.status}: it stays")
            _empty(folder)
        # Windows removes no file that is open: not before. Whoever has begun the run again by now
        # keeps what is new.
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
            folder.rmdir()

    def save(self, record: RunRecord) -> Path:
        """Write ``record.json`` and return the run's folder."""
        folder = self.run_folder(record)
        write_text(folder / "record.json", record.to_json())
        return folder

    def record(self, folder: Path) -> RunRecord:
        """Read the record of a run's folder. Raises `StoreError` where it is none."""
        path = folder / "record.json"
        record = read_document(path, RunRecord)
        if record is None:
            raise StoreError(f"{path} is not there; see `harness runs list`")
        return record

    def list_runs(self) -> Listing[RunRecord]:
        """Read every record, sorted by folder; an unreadable one becomes a problem."""
        return self._list(RunRecord)

    def list_summaries(self) -> Listing[RunSummary]:
        """Read of every record what a list shows, sorted by folder, like `list_runs`."""
        return self._list(RunSummary)

    def _list(self, kind: type[R]) -> Listing[R]:
        listing: Listing[R] = Listing()
        if not is_folder(self.root / "runs"):
            return listing
        for folder in self._run_folders(listing.problems):
            path = folder / "record.json"
            try:
                record = read_document(path, kind)
            except StoreError as error:
                listing.problems.append(str(error))
            else:
                if record and self._lies_in(folder, record):
                    listing.records.append((folder, record))
                elif record:
                    listing.problems.append(
                        f"{path} is of another folder's run ({record.model}, seed {record.seed}, "
                        f"key {record.key[:12]}), as of a copy; remove it, or what changed it"
                    )
        return listing

    def _run_folders(self, problems: list[str]) -> list[Path]:
        """Return what lies where folders of runs do, sorted.

        Whether a folder that may not be entered holds a record, nobody can tell: it is a problem.
        """
        found = [self.root / "runs"]
        for _ in range(3):  # Data, model and run.
            above, found = found, []
            for folder in above:
                try:
                    found += folder.iterdir()
                except (NotADirectoryError, FileNotFoundError):
                    continue
                except OSError as error:
                    problems.append(f"{folder} cannot be read: {error.strerror}")
        return sorted(found)

    def _lies_in(self, folder: Path, record: Run) -> bool:
        """Whether a record is that of the folder it was found in, and no copy beside it.

        What is done to a run is done to the folder that its record names.
        """
        named = self.run_folder(record)
        # A file system may take two spellings of a name for one.
        with contextlib.suppress(OSError, ValueError):  # The name may be none for a folder.
            return folder == named or folder.samefile(named)
        return False

    @contextlib.contextmanager
    def lock(
        self, spec: Run, seconds: float | None = None, option: str = "--results"
    ) -> Iterator[None]:
        """Hold the run for this process; wait for another one, some ten seconds or ``seconds``.

        Raises `StoreError` where it is held for longer, or the folder, which ``option`` gave,
        cannot be written.
        """
        folder = self.run_folder(spec)
        make_folder(folder, option)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=LOCK_SECONDS if seconds is None else seconds)
        # A Timeout is an OSError, too.
        except Timeout as error:
            raise StoreError(
                f"{spec.model} (seed {spec.seed}) is held by another process; try again when that "
                "has ended"
            ) from error
        except OSError as error:
            raise not_writable(folder, error, option) from error
        try:
            yield
        finally:
            lock.release()

    def append_epochs(self, spec: RunSpec, *epochs: Epoch) -> None:
        """Append a line for each epoch to ``epochs.jsonl``.

        Raises `StoreError` where that cannot be: the disk is full, or the folder has gone.
        """
        path = self.run_folder(spec) / "epochs.jsonl"
        try:
            with path.open("a", encoding="utf-8") as file:
                file.writelines(epoch.model_dump_json() + "\n" for epoch in epochs)
                sync(file)  # The checkpoint that comes next counts on it.
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error

    def cut_epochs(self, spec: RunSpec, count: int) -> None:
        """Keep the first ``count`` epochs: what a checkpoint had not seen is done again."""
        path = self.run_folder(spec) / "epochs.jsonl"
        write_text(path, "".join(f"{line}\n" for line in complete_lines(path)[:count]))

    def epochs(self, run: RunSpec | RunRecord) -> tuple[Epoch, ...]:
        """Read the finished epochs. Raises `StoreError` for a line that is none."""
        path = self.run_folder(run) / "epochs.jsonl"
        try:
            return tuple(Epoch.model_validate_json(line) for line in complete_lines(path))
        except ValidationError as error:
            raise StoreError(
                f"{path} is damaged: {explain(error)}; remove its folder to run it again"
            ) from error

    def robustness(self, run: RunSpec | RunRecord, warn: Warn = ignore) -> RobustnessRecord | None:
        """Return how robust this very run was, if that was evaluated with today's corruptions.

        ``warn`` hears of a file that cannot be read.
        """
        try:
            record = read_document(self._robustness_path(run), RobustnessRecord)
        except StoreError as error:
            warn(str(error))
            return None
        wanted = (run.key, CORRUPTIONS_VERSION)
        return record if record and (record.key, record.version) == wanted else None

    def save_robustness(self, run: RunSpec | RunRecord, record: RobustnessRecord) -> None:
        """Write ``robustness.json`` beside the run's record."""
        write_text(self._robustness_path(run), record.to_json())

    def speed(self, machine: str, model: str, key: str, warn: Warn = ignore) -> SpeedRecord | None:
        """Return how fast this model was on this machine, if that was measured.

        ``warn`` hears of a file that cannot be read.
        """
        try:
            return read_document(self._speed_path(machine, model, key), SpeedRecord)
        except StoreError as error:
            warn(str(error))
            return None

    def speeds(self, run: RunRecord, warn: Warn = ignore) -> tuple[SpeedRecord, ...]:
        """Return how fast the run's model was, on each machine that measured it."""
        return tuple(one for one in self.timings(run, warn) if one.status == "done")

    def timings(self, run: RunRecord, warn: Warn = ignore) -> list[SpeedRecord]:
        """Return what `speeds` does, and the timings that failed."""
        paths = (self.root / "speed").glob(f"*/{run.model}-{run.speed_key[:12]}.json")
        machines = sorted(path.parent.name for path in paths)
        found = (self.speed(machine, run.model, run.speed_key, warn) for machine in machines)
        return [one for one in found if one is not None]

    def save_speed(self, record: SpeedRecord, option: str = "--results") -> None:
        """Write a record of speed; one that failed takes the place of none that is done.

        Raises `StoreError` where the store, which ``option`` gave, cannot be written.
        """
        if record.status != "done":
            before = self.speed(record.environment.machine, record.model, record.key)
            if before is not None and before.status == "done":
                return
        path = self._speed_path(record.environment.machine, record.model, record.key)
        write_text(path, record.to_json(), option)

    def _robustness_path(self, run: RunSpec | RunRecord) -> Path:
        return self.run_folder(run) / "robustness.json"

    def _speed_path(self, machine: str, model: str, key: str) -> Path:
        return self.root / "speed" / machine / f"{model}-{key[:12]}.json"


def _empty(folder: Path) -> None:
    """Remove what a run left, but for the lock, which is held."""
    try:
        # First what a run is known by and would go on from: without those, all else is dust.
        for name in ("record.json", "checkpoint.pt"):
            (folder / name).unlink(missing_ok=True)
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()
    except OSError as error:
        raise StoreError(f"cannot remove what is in {folder}: {error.strerror}") from error


def _file_name(name: str) -> str:
    """Return ``name`` as a folder's name: what no file system minds stays."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name).lstrip(".") or "data"
