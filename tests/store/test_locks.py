import subprocess
import sys

import pytest

from harness import store as module
from harness.documents import make_folder
from harness.errors import StoreError

HOLD = """
import sys
from harness.schema import RunSpec
from harness.store import Store
from pathlib import Path

spec = RunSpec.model_validate_json(sys.argv[1])
with Store(Path(spec.store)).lock(spec):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(make_spec):
    """Another process that holds the run."""
    command = [sys.executable, "-c", HOLD, make_spec().model_dump_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_run_that_another_process_holds_is_refused(store, make_spec, other_process, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    with pytest.raises(StoreError) as caught, store.lock(make_spec()):
        raise AssertionError("held twice")
    assert str(caught.value) == (
        "net (seed 4) is held by another process; try again when that has ended"
    )


def test_another_run_is_not_held(store, make_spec, other_process):
    with store.lock(make_spec(seed=5)):
        pass


def test_a_killed_process_holds_nothing(store, make_spec, other_process):
    other_process.kill()
    other_process.wait()
    with store.lock(make_spec()):
        pass


def test_a_lock_is_released_when_the_run_raises(store, make_spec):
    with pytest.raises(ZeroDivisionError), store.lock(make_spec()):
        raise ZeroDivisionError
    with store.lock(make_spec()):
        pass


def test_a_lock_that_cannot_be_written_is_one_sentence(store, make_spec):
    folder = store.run_folder(make_spec())
    make_folder(folder / ".lock")
    with pytest.raises(StoreError) as caught, store.lock(make_spec()):
        raise AssertionError("held")
    assert str(caught.value) == f"cannot write to {folder}: Is a directory; give another --results"
