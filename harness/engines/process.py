"""Runs in a spawned child process each: what crashes there is a reason here."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Literal

from pydantic import ValidationError

from harness.documents import make_folder
from harness.engines.ended import save_unless_finished
from harness.engines.messages import Message, Task
from harness.engines.pauses import Pauses
from harness.errors import StoreError
from harness.execute import ended_case, ended_run, ended_speed, with_ended
from harness.schema import (
    BenchRecord,
    BenchSpec,
    Emit,
    Event,
    RobustnessRecord,
    RunRecord,
    RunSpec,
    SpeedRecord,
)
from harness.store import Store

# How every child is to write and read, whatever the user's environment says. Hashes of texts order
# sets, and a model that is built by going through one must be the same in every process.
PYTHON = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0"}


class Ended(Exception):
    """The child ended without its records, or could not begin; the message says how."""

    def __init__(
        self, words: str, status: Literal["failed", "timeout", "interrupted"] = "failed"
    ) -> None:
        super().__init__(words)
        self.status = status

    @property
    def status_of_timing(self) -> Literal["failed", "timeout"]:
        """What became of a model that was being timed: no session is recorded as interrupted."""
        return "timeout" if self.status == "timeout" else "failed"


class _Heard:
    """Passes a child's events on, and remembers where it was: its stage, and whose turn."""

    def __init__(self, listen: Emit, owner: str = "") -> None:
        self._listen = listen
        self.stage, self.owner = "starting", owner

    def __call__(self, event: Event) -> None:
        # Where turns are taken, what names no owner is of nobody's turn.
        if event.text and (event.owner or not self.owner):
            self.stage, self.owner = event.text, event.owner or self.owner
        self._listen(event)


class ProcessEngine:
    """Executes each run in a child of its own; the default. Several threads may use one engine.

    Children have the environment variables that there are when the engine is made: make it before
    plugins are discovered.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        # Before any plugin was imported: what one sets for the process is no other's.
        self._environment = dict(os.environ)
        self._stopping = threading.Event()
        self._pauses = Pauses()

    def pausing(self) -> AbstractContextManager[None]:
        """Let Ctrl-Z pause the children as well, until the context is left."""
        return self._pauses.followed()

    def stop(self) -> None:
        """End all children within a second."""
        self._stopping.set()

    def run(self, spec: RunSpec, listen: Emit) -> RunRecord:
        """Execute one run in a child; its crash, exit or timeout becomes a record."""
        heard, store = _Heard(listen), Store(Path(spec.store))
        log = store.run_folder(spec) / "log.txt"
        task = Task(kind="run", specs=(spec,))
        try:
            message = self._converse(task, log, heard)
        except Ended as ended:
            record = ended_run(spec, ended.status, f"{heard.stage}: {ended}")
        except KeyboardInterrupt:
            record = ended_run(spec, "interrupted", f"{heard.stage}: stopped by the user")
            save_unless_finished(store, spec, record)
            raise
        else:
            if message.run is not None:
                return message.run
            record = ended_run(spec, "failed", "the child process sent no record")
        return save_unless_finished(store, spec, record)

    def robustness(self, spec: RunSpec, listen: Emit) -> RobustnessRecord | str:
        """Evaluate a finished run on corrupted test images in a child; or return why not."""
        heard, log = _Heard(listen), Store(Path(spec.store)).run_folder(spec) / "log.txt"
        try:
            message = self._converse(Task(kind="robustness", specs=(spec,)), log, heard)
        except Ended as ended:
            return f"{heard.stage}: {ended}"
        return message.robustness or message.reason or "the child process sent no record"

    def measure(self, specs: Sequence[RunSpec], listen: Emit) -> list[SpeedRecord]:
        """Hold a speed session in a child; a model that kills it is left out of the next try."""
        waiting, records = list(specs), []
        while waiting:
            heard = _Heard(listen, owner=waiting[0].speed_key)
            log = Path(waiting[0].store) / "speed" / "log.txt"
            try:
                message = self._converse(Task(kind="speed", specs=tuple(waiting)), log, heard)
            except Ended as ended:
                culprit = next(spec for spec in waiting if spec.speed_key == heard.owner)
                reason = f"timing: {ended}"
                records.append(ended_speed(culprit, ended.status_of_timing, reason))
                waiting.remove(culprit)
            else:
                return [*records, *message.speed]
        return records

    def bench(self, spec: BenchSpec, listen: Emit) -> BenchRecord:
        """Time all cases in a child; what kills it is left out of the next try."""
        waiting, ended = list(spec.cases), []
        while waiting:
            heard = _Heard(listen)
            rest = spec.model_copy(update={"cases": tuple(waiting)})
            try:
                message = self._converse(Task(kind="bench", bench=rest), Path(spec.log), heard)
            except Ended as end:
                # What is being built is a model; what ends before any is begun concerns them all.
                owned = [one for one in waiting if heard.owner in ("", one.name, one.model)]
                reason = f"{heard.stage}: {end}"
                ended += [ended_case(one, end.status_of_timing, reason) for one in owned]
                waiting = [one for one in waiting if one not in owned]
            else:
                return with_ended(spec, message.bench, ended)
        return with_ended(spec, None, ended)

    def _next_line(
        self,
        process: subprocess.Popen[str],
        lines: "queue.Queue[str | None]",
        limit: float | None,
        deadline: float | None,
    ) -> str | None:
        """Return the child's next line, or None where there will be none."""
        # A wait without an end cannot be interrupted by Ctrl-C on Windows.
        while True:
            if self._stopping.is_set():
                raise Ended("stopped by the user", "interrupted")
            left = 1.0 if deadline is None else min(1.0, deadline - self._pauses.now())
            if left <= 0:
                raise Ended(f"ended after {limit:g} s (--timeout {self._timeout:g})", "timeout")
            # What a child forked keeps the pipe open, though the child is gone.
            gone = process.poll() is not None
            with contextlib.suppress(queue.Empty):
                return lines.get(timeout=left)
            if gone:
                return None

    def limit(self, task: Task) -> float | None:
        """Return how many seconds a child may take for ``task``, None without a timeout."""
        if self._timeout is None:
            return None
        # Models are timed in turns, so that the time of one is everybody's.
        return self._timeout * max(1, len(task.specs))

    def _converse(self, task: Task, log: Path, listen: Emit) -> Message:
        """Give ``task`` to a new child, pass its events on, and return its last message."""
        with (
            _child(task, log, self._environment) as (process, lines),
            self._pauses.child(process.pid),
        ):
            limit = self.limit(task)
            deadline = None if limit is None else self._pauses.now() + limit
            while True:
                line = self._next_line(process, lines, limit, deadline)
                if line is None:
                    raise Ended(_how_it_ended(process.wait()))
                if not line.startswith("{"):
                    continue  # Python's own start, or what torch loads with itself, prints too.
                message = _read(line)
                if message.event is None:
                    return message
                # In a bench each case has the time for itself, again in each of its turns.
                if limit is not None and task.bench and message.event.owner:
                    deadline = self._pauses.now() + limit
                listen(message.event)


@contextlib.contextmanager
def _child(
    task: Task, log: Path, environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[str], "queue.Queue[str | None]"]]:
    """Start a child that has its task; it is gone when the context is left."""
    with _open_log(log) as file:
        process = _start(task, file, environment)
    try:
        with contextlib.suppress(BrokenPipeError):
            _pipe(process.stdin).write(task.model_dump_json() + "\n")
            _pipe(process.stdin).flush()
        yield process, _read_lines(_pipe(process.stdout))
    finally:
        _kill(process)
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            _pipe(process.stdin).close()


def _open_log(log: Path) -> IO[str]:
    """Open a log to be continued. Raises `Ended` where it cannot be written."""
    try:
        make_folder(log.parent)
        return log.open("a", encoding="utf-8")
    except StoreError as error:
        raise Ended(str(error)) from error
    except OSError as error:
        raise Ended(f"cannot write {log}: {error.strerror}; give another folder") from error


def _start(task: Task, log: IO[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a child for ``task``. Raises `Ended` where the system starts none."""
    try:
        return subprocess.Popen(
            # -P: a file of the working folder hides no module of the child's.
            [sys.executable, "-P", "-m", "harness.engines.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            # The same number of threads from the first moment: another is another last bit.
            # cuBLAS gives the same bits twice only with a workspace of a fixed size.
            env={
                "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
                **environment,
                **PYTHON,
                "OMP_NUM_THREADS": str(task.threads),
            },
            # A group of its own: what the plugin forks ends with it.
            start_new_session=True,
        )
    except OSError as error:
        raise Ended(f"no child process could be started: {error.strerror}") from error


def _kill(process: subprocess.Popen[str]) -> None:
    """End the child and all that it started."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None, "the child was started with pipes"
    return pipe


def _read_lines(stream: IO[str]) -> "queue.Queue[str | None]":
    """Read lines in a thread, None at the end: no system lets a pipe be read with a timeout."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        with stream:
            for line in stream:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _read(line: str) -> Message:
    try:
        return Message.model_validate_json(line)
    except ValidationError as error:
        raise Ended(f"the child process sent a line that cannot be read: {line[:80]!r}") from error


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"the process exited by itself with code {code}; log.txt may say why"
    known = {int(one): one.name for one in signal.Signals}  # Those of real time have no names.
    name = known.get(-code, f"signal {-code}")
    hint = "; out of memory?" if name == "SIGKILL" else ""
    return f"the process was killed by {name}{hint}"
