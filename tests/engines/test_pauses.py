"""Ctrl-Z in a real process with a real child."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from harness.engines import InlineEngine, ProcessEngine
from harness.engines.pauses import Pauses

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-Z")

DRIVER = """
import sys
from pathlib import Path
from harness.engines import ProcessEngine
from harness.schema import RunSpec

spec = RunSpec.model_validate_json(Path(sys.argv[1]).read_text())
engine = ProcessEngine(timeout=float(sys.argv[2]))
with engine.pausing():
    print(engine.run(spec, lambda event: None).status, flush=True)
"""


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def stopped(pid):
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


@pytest.mark.parametrize("ended", [False, True], ids=["continued", "ended"])
def test_a_run_pauses_with_the_harness(make_specs, write_plugin, linear, tmp_path, ended):
    waits = "import pathlib, os, time\n"
    waits += f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
    waits += f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.05)\n"
    [spec] = make_specs("slow", plugins=(write_plugin("slow", waits + linear),))
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    command = [sys.executable, "-c", DRIVER, str(tmp_path / "spec.json"), "60"]
    # In a group of its own, as a shell starts it: Ctrl-Z is nothing to a group without a shell.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as driver:
        try:
            wait_until(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text())
            child = int((tmp_path / "pid").read_text())
            driver.send_signal(signal.SIGTSTP)
            wait_until(lambda: stopped(driver.pid) and stopped(child))
            if ended:
                driver.terminate()
                driver.send_signal(signal.SIGCONT)
                assert driver.wait(60) == -signal.SIGTERM
                wait_until(lambda: not alive(child))
                return
            driver.send_signal(signal.SIGCONT)
            wait_until(lambda: not stopped(driver.pid) and not stopped(child))
            (tmp_path / "go").touch()
            assert driver.stdout.read() == "done\n"
        finally:
            driver.kill()


def test_where_no_shell_could_continue_it_nothing_stops(tmp_path):
    """As the only process of a terminal: the system itself does not stop such a one."""
    script = (
        "import os, signal\n"
        "from harness.engines.pauses import Pauses\n"
        "with Pauses().followed():\n"
        "    os.kill(os.getpid(), signal.SIGTSTP)\n"
        "    print('on')\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, start_new_session=True, check=True
    )
    assert done.stdout == "on\n"


def test_the_clock_stands_while_all_is_paused(monkeypatch):
    pauses, sent, during = Pauses(), [], []
    times = iter([100.0, 107.5, 110.0])

    def stop(*call):
        sent.append(call)
        during.append(pauses.now())

    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    monkeypatch.setattr(os, "kill", stop)
    monkeypatch.setattr(os, "killpg", lambda *call: sent.append(call))
    with pauses.followed(), pauses.child(12345):
        signal.raise_signal(signal.SIGTSTP)
        assert pauses.now() == 110.0 - 7.5
    assert during == [100.0]
    assert sent == [
        (12345, signal.SIGSTOP),
        (os.getpid(), signal.SIGTSTP),
        (12345, signal.SIGCONT),
    ]


def test_what_would_end_a_paused_process_ends_it_after_its_children_go_on(monkeypatch):
    happened = []
    monkeypatch.setattr(os, "kill", lambda *_: signal.raise_signal(signal.SIGTERM))
    monkeypatch.setattr(os, "killpg", lambda _, number: happened.append(number))
    earlier = signal.signal(signal.SIGTERM, lambda number, _: happened.append(number))
    try:
        pauses = Pauses()
        with pauses.followed(), pauses.child(12345):
            signal.raise_signal(signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert happened == [signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM]


def test_a_child_that_is_gone_is_no_error(monkeypatch):
    monkeypatch.setattr(os, "kill", lambda *call: None)
    with subprocess.Popen([sys.executable, "-c", ""], start_new_session=True) as gone:
        gone.wait()
    pauses = Pauses()
    with pauses.followed(), pauses.child(gone.pid):
        signal.raise_signal(signal.SIGTSTP)


@pytest.mark.parametrize("engine", [ProcessEngine, InlineEngine])
def test_afterwards_ctrl_z_means_what_it_meant_before(engine):
    before = signal.getsignal(signal.SIGTSTP)
    with engine().pausing():
        during = signal.getsignal(signal.SIGTSTP)
    assert signal.getsignal(signal.SIGTSTP) is before
    assert (during is before) == (engine is InlineEngine)
