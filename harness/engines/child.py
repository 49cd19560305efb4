"""The child process: read one task, execute it, send events and records back.

Started as ``python -m harness.engines.child`` by `ProcessEngine`, never by hand.
"""

import contextlib
import os
import signal
import sys
import threading
from typing import TextIO

from harness.engines.messages import Message, Task
from harness.execute import execute_bench, execute_robustness, execute_run, execute_speed
from harness.schema import Emit, Event

# The exit code where nobody listens any more, and so nobody reads it either.
ORPHANED = 70


def main() -> None:
    """Execute the task that stands on the first line of standard input."""
    # Ctrl-C reaches the whole group; the parent decides what becomes of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = Task.model_validate_json(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, args=(_take_standard_input(),), daemon=True).start()
    channel = _take_standard_output()

    def send(message: Message) -> None:
        try:
            channel.write(message.model_dump_json(exclude_defaults=True) + "\n")
            channel.flush()
        except BrokenPipeError:
            os._exit(ORPHANED)

    def emit(event: Event) -> None:
        _log(event)
        send(Message(event=event))

    send(_execute(task, emit))


def _log(event: Event) -> None:
    # A log that cannot be written, on a full disk, must not end what goes well.
    with contextlib.suppress(OSError):
        if event.kind == "stage" and not event.owner:
            print(f"{event.text} …", file=sys.stderr, flush=True)
        if event.epoch is not None:
            print(event.epoch.model_dump_json(), file=sys.stderr, flush=True)


def _execute(task: Task, emit: Emit) -> Message:
    if task.kind == "run":
        return Message(run=execute_run(task.specs[0], emit, own_process=True))
    if task.kind == "robustness":
        found = execute_robustness(task.specs[0], emit)
        return Message(reason=found) if isinstance(found, str) else Message(robustness=found)
    if task.bench is not None:
        return Message(bench=execute_bench(task.bench, emit))
    return Message(speed=tuple(execute_speed(task.specs, emit)))


def _take_standard_output() -> TextIO:
    """Keep standard output for messages; what a plugin prints goes to standard error, the log."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _take_standard_input() -> int:
    """Keep standard input for the parent; a plugin that asks something finds its end, and fails."""
    pipe = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return pipe


def _end_with_parent(pipe: int) -> None:
    """End this process as soon as the parent's end of what was standard input is closed."""
    while os.read(pipe, 1):
        pass
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)  # And all that the plugin forked.
    os._exit(ORPHANED)


if __name__ == "__main__":
    main()
