"""What is left of children whose parents are killed, and the other way round."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from harness.engines import ProcessEngine
from harness.schema import Event, RunRecord, RunSpec
from harness.store import Store


def run(spec, timeout: float | None = None) -> tuple[RunRecord, list[Event]]:
    events: list[Event] = []
    return ProcessEngine(timeout).run(spec, events.append), events


DRIVER = """\
import sys
from pathlib import Path
from harness.engines import ProcessEngine
from harness.schema import RunSpec

spec = RunSpec.model_validate_json(Path(sys.argv[1]).read_text())
ProcessEngine().run(spec, lambda event: print(event.kind, event.number, flush=True))
"""


def test_killed_in_an_epoch_a_run_goes_on_and_ends_to_the_bit_as_an_uninterrupted_one(
    make_specs, tmp_path
):
    options = ("epochs=20", "batch_size=8", "augment=flip,shift=0.1")
    [spec] = make_specs("vgg[width=4]", options=options)
    whole = spec.model_copy(update={"store": str(tmp_path / "whole")})
    uninterrupted, _ = run(whole)

    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    command = [sys.executable, "-c", DRIVER, str(tmp_path / "spec.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        for line in driver.stdout:
            # In the middle of epoch 4, after the third was checkpointed.
            if line.split() == ["batch", "4"]:
                driver.send_signal(signal.SIGKILL)
                break
    store = Store(Path(spec.store))
    assert store.find(spec) is None
    assert store.checkpointed(spec)
    resumed, events = run(spec)
    assert next(event.number for event in events if event.kind == "resumed") >= 3
    assert resumed.test == uninterrupted.test
    assert resumed.train == uninterrupted.train
    assert resumed.selected_epoch == uninterrupted.selected_epoch

    parts, other = store.run_folder(spec), Store(tmp_path / "whole").run_folder(whole)
    assert (parts / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    one, two = np.load(parts / "predictions.npz"), np.load(other / "predictions.npz")
    assert all(np.array_equal(one[name], two[name]) for name in two.files)
    clocks = {"train_seconds", "valid_seconds"}
    histories = [
        [epoch.model_dump(exclude=clocks) for epoch in stored.epochs(item)]
        for stored, item in ((store, spec), (Store(tmp_path / "whole"), whole))
    ]
    assert histories[0] == histories[1]
    assert len(histories[0]) == 20


def test_a_child_ends_when_its_parent_is_killed(make_specs, write_plugin, tmp_path):
    body = "import os, time, pathlib\n"
    body += f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
    body += "time.sleep(600)"
    [spec] = make_specs("slow", plugins=(write_plugin("slow", body),))
    _kill_the_parent_of(spec, tmp_path)


def _kill_the_parent_of(spec: RunSpec, folder: Path) -> None:
    """Kill a run's parent once the plugin has written a process's number; that process must end."""
    (folder / "spec.json").write_text(spec.model_dump_json())
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(folder / "spec.json")])
    try:
        pid = int(_wait_for(folder / "pid"))
    finally:
        driver.kill()
        driver.wait()
    _wait_for_the_end(pid, seconds=20)


def _wait_for_the_end(pid: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while _alive(pid):
        assert time.monotonic() < until
        time.sleep(0.1)


def _wait_for(path: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.is_file() and path.read_text():
            return path.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was never written")


FORKING = """\
import os, pathlib, time
forked = os.fork()
if not forked:
    time.sleep(120)
    os._exit(0)
pathlib.Path({path!r}).write_text(str(forked))
{then}
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("then", ["os.kill(os.getpid(), 9)", "raise ValueError('no luck')"])
def test_what_a_plugin_forks_ends_with_its_run(make_specs, write_plugin, tmp_path, then):
    body = FORKING.format(path=str(tmp_path / "pid"), then=then)
    [spec] = make_specs("forks", plugins=(write_plugin("forks", body),))
    begun = time.monotonic()
    assert run(spec)[0].status == "failed"
    assert time.monotonic() - begun < 100
    _wait_for_the_end(int((tmp_path / "pid").read_text()), seconds=10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_plugin_forked_ends_when_the_parent_is_killed(make_specs, write_plugin, tmp_path):
    body = FORKING.format(path=str(tmp_path / "pid"), then="time.sleep(600)")
    [spec] = make_specs("forks", plugins=(write_plugin("forks", body),))
    _kill_the_parent_of(spec, tmp_path)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
