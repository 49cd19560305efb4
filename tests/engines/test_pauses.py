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


def stopped(pid):
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


def test_a_run_pauses_with_the_harness(make_specs, write_plugin, linear, tmp_path):
    waits = "import pathlib, os, time\n"
    waits += f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
    waits += f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.05)\n"
    [spec] = make_specs("slow", plugins=(write_plugin("slow", waits + linear),))
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    command = [sys.executable, "-c", DRIVER, str(tmp_path / "spec.json"), "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        try:
            wait_until(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text())
            child = int((tmp_path / "pid").read_text())
            driver.send_signal(signal.SIGTSTP)
            wait_until(lambda: stopped(driver.pid) and stopped(child))
            driver.send_signal(signal.SIGCONT)
            wait_until(lambda: not stopped(driver.pid) and not stopped(child))
            (tmp_path / "go").touch()
            assert driver.stdout.read() == "done\n"
        finally:
            driver.kill()


def test_the_clock_stands_while_all_is_paused(monkeypatch):
    times = iter([100.0, 107.5, 110.0])
    sent = []
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    monkeypatch.setattr(os, "kill", lambda *call: sent.append(call))
    monkeypatch.setattr(os, "killpg", lambda *call: sent.append(call))
    pauses = Pauses()
    with pauses.followed(), pauses.child(12345):
        signal.raise_signal(signal.SIGTSTP)
        assert pauses.now() == 110.0 - 7.5
    assert sent == [
        (12345, signal.SIGSTOP),
        (os.getpid(), signal.SIGSTOP),
        (12345, signal.SIGCONT),
    ]


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
