"""Runs in real child processes, and every way in which one can end."""

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from harness.engines import InlineEngine, ProcessEngine
from harness.engines.child import _log
from harness.engines.ended import save_unless_finished
from harness.engines.pauses import Pauses
from harness.engines.process import Ended, _how_it_ended
from harness.errors import RequestError
from harness.execute.records import ended_run
from harness.measure import throughput
from harness.schema import Event, RunRecord
from harness.store import Store


def run(spec, timeout: float | None = None) -> tuple[RunRecord, list[Event]]:
    events: list[Event] = []
    return ProcessEngine(timeout).run(spec, events.append), events


def test_a_child_gives_what_this_process_gives(make_specs, write_plugin, linear, tmp_path):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    child, events = run(spec)
    elsewhere = spec.model_copy(update={"store": str(tmp_path / "other")})
    here = InlineEngine().run(elsewhere, lambda event: None)
    assert child.test == here.test
    assert child.cost.peak_memory_bytes > 50_000_000
    assert [event.number for event in events if event.epoch] == [1, 2]
    store = Store(Path(spec.store))
    assert store.find(spec) == child
    folders = store.run_folder(spec), Store(tmp_path / "other").run_folder(elsewhere)
    one, other = (load_file(folder / "model.safetensors") for folder in folders)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_child_writes_and_reads_utf_8_whatever_the_environment_says(
    make_specs, write_plugin, linear, monkeypatch, tmp_path
):
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    body = f"print('zürich ▁▂')\n{linear}"
    [spec] = make_specs("lin", plugins=(write_plugin("lin", body),))
    spec = spec.model_copy(update={"store": str(tmp_path / "störe")})
    record, _ = run(spec)
    assert (record.status, record.reason) == ("done", None)
    folder = Store(tmp_path / "störe").run_folder(spec)
    assert "zürich ▁▂" in (folder / "log.txt").read_text(encoding="utf-8")


def test_what_python_prints_as_it_starts_is_no_message(
    make_specs, write_plugin, linear, monkeypatch, tmp_path
):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('hello')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    record, _ = run(spec)
    assert (record.status, record.reason) == ("done", None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import os; os._exit(7)", "building the model: the process exited by itself with code 7"),
        ("import os; os.kill(os.getpid(), 9)", "building the model: the process was killed by SIG"),
    ],
)
def test_a_child_that_dies_is_a_record_with_a_reason(make_specs, write_plugin, body, reason):
    [spec] = make_specs("bad", plugins=(write_plugin("bad", body),))
    record, _ = run(spec)
    assert record.status == "failed"
    assert record.reason.startswith(reason)
    assert Store(Path(spec.store)).find(spec) == record


def test_a_child_that_hangs_is_ended_when_its_time_is_up(make_specs, write_plugin, monkeypatch):
    """By a clock that jumps once the model is being built, however long it took until then."""
    [spec] = make_specs("slow", plugins=(write_plugin("slow", "import time; time.sleep(600)"),))
    real, late = Pauses.now, [0.0]
    monkeypatch.setattr(Pauses, "now", lambda self: real(self) + late[0])

    def listen(event):
        late[0] += 600 * (event.text == "building the model")

    record = ProcessEngine(600).run(spec, listen)
    assert record.status == "timeout"
    assert record.reason.startswith("building the model: ended after 600 s (--timeout 600)")


def test_a_plugin_that_asks_something_fails_and_does_not_wait(make_specs, write_plugin):
    [spec] = make_specs("asking", plugins=(write_plugin("asking", "input('download? [y/N]')"),))
    record, _ = run(spec, timeout=60)
    assert record.status == "failed"
    assert record.reason.startswith("building the model: EOFError")


ONCE = """\
from harness import ModelPlugin, Recipe, hookimpl
from once_registry import register

@register
def build(input_shape, num_classes, width=8):
    import math
    from torch import nn
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(input_shape), num_classes))

@hookimpl
def harness_models():
    return [ModelPlugin(name="once", build=build, recipe=Recipe(epochs=1))]
"""
REGISTRY = """\
known = set()

def register(function):
    if function.__name__ in known:
        raise KeyError(f"{function.__name__} is already registered")
    known.add(function.__name__)
    return function
"""


def test_a_plugin_is_loaded_once_in_a_process_that_times_several_of_its_models(
    make_specs, tmp_path
):
    (tmp_path / "once_registry.py").write_text(REGISTRY)
    (tmp_path / "once.py").write_text(ONCE)
    specs = make_specs("once[width=5|6]", plugins=(tmp_path / "once.py",))
    records = ProcessEngine().measure(specs, lambda event: None)
    assert [record.status for record in records] == ["done", "done"]


def test_what_a_plugin_prints_goes_to_the_log(make_specs, write_plugin, linear):
    body = "import sys, os\nprint('to out'); print('to err', file=sys.stderr)\n"
    body += "os.system('echo from the shell')\n" + linear
    [spec] = make_specs("chatty", plugins=(write_plugin("chatty", body),))
    record, _ = run(spec)
    assert record.status == "done"
    log = (Store(Path(spec.store)).run_folder(spec) / "log.txt").read_text()
    for words in ("to out", "to err", "from the shell", "training …", '"epoch":2'):
        assert words in log


def test_a_traceback_is_in_the_log_and_not_in_the_reason(make_specs, write_plugin):
    [spec] = make_specs("bad", plugins=(write_plugin("bad", "raise ValueError('no\\nluck')"),))
    record, _ = run(spec)
    assert record.reason == "building the model: ValueError: no luck"
    log = (Store(Path(spec.store)).run_folder(spec) / "log.txt").read_text()
    assert "Traceback" in log


def test_a_model_that_kills_the_speed_session_is_left_out_of_the_next_try(
    make_specs, write_plugin, linear, monkeypatch
):
    body = (
        "import os, torch\n"
        "class Deadly(torch.nn.Module):\n"
        "    def forward(self, images):\n"
        "        if len(images) == 256:\n"
        "            os._exit(9)\n"
        "        return images.flatten(1)[:, :3]\n"
        "return Deadly()"
    )
    paths = (write_plugin("deadly", body), write_plugin("lin", linear))
    specs = make_specs("deadly", "lin", plugins=paths, options=("epochs=0",))
    records = ProcessEngine().measure(specs, lambda event: None)
    by_model = {record.model: record for record in records}
    assert by_model["deadly"].status == "failed"
    assert "code 9" in by_model["deadly"].reason
    assert by_model["lin"].status == "done"


def test_the_inline_engine_refuses_a_timeout_that_it_cannot_keep() -> None:
    with pytest.raises(RequestError, match="--engine process"):
        InlineEngine(timeout=5)


def test_the_inline_engine_times_here(make_specs, write_plugin, linear, monkeypatch):
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.001,))
    specs = make_specs("lin", plugins=(write_plugin("lin", linear),))
    [record] = InlineEngine().measure(specs, lambda event: None)
    assert record.status == "done"


@pytest.mark.parametrize("late", ["stopped", "Ctrl-C"])
def test_a_result_that_was_saved_stays_though_the_word_of_it_came_late(
    make_specs, write_plugin, linear, late
):
    """Hooks in the parent may take long, so that it is far behind the child."""
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    store, engine = Store(Path(spec.store)), ProcessEngine()

    def listen(event):
        if not event.epoch:
            return
        until = time.monotonic() + 60
        while not store.finished(spec) and time.monotonic() < until:
            time.sleep(0.1)
        if late == "Ctrl-C":
            raise KeyboardInterrupt
        engine.stop()

    if late == "Ctrl-C":
        with pytest.raises(KeyboardInterrupt):
            engine.run(spec, listen)
    else:
        assert engine.run(spec, listen).status == "done"
    assert store.find(spec).status == "done"


def test_models_that_are_timed_in_turns_have_the_time_of_all(make_specs, monkeypatch):
    specs, seconds = make_specs("convnet", "vgg"), []

    @contextmanager
    def no_child(task, log, environment):
        yield SimpleNamespace(pid=0), None

    def give_up(self, process, lines, limit, deadline):
        seconds.append((limit, round(deadline - time.monotonic())))
        raise Ended("over", "timeout")

    monkeypatch.setattr("harness.engines.process._child", no_child)
    monkeypatch.setattr(ProcessEngine, "_next_line", give_up)
    ProcessEngine(60).measure(specs, lambda event: None)
    ProcessEngine(60).run(specs[0], lambda event: None)
    assert seconds == [(120, 120), (60, 60), (60, 60)]


@pytest.mark.parametrize("blocked", ["folder", "log"])
def test_a_folder_that_cannot_be_written_is_a_failure_of_that_run_alone(make_specs, blocked):
    [spec] = make_specs("convnet")
    folder = Store(Path(spec.store)).run_folder(spec)
    if blocked == "folder":
        folder.parent.parent.mkdir(parents=True)
        folder.parent.write_text("no folder")
    else:
        (folder / "log.txt").mkdir(parents=True)
    record, _ = run(spec)
    assert record.status == "failed"
    assert record.reason.startswith("starting: cannot write ")
    assert "; give another " in record.reason
    assert ProcessEngine().robustness(spec, lambda event: None).startswith("starting: cannot write")
    assert spec.store not in record.reason


def test_a_log_of_timing_that_cannot_be_written_is_a_failure_of_every_model(make_specs):
    specs = make_specs("convnet", "vgg")
    (Path(specs[0].store) / "speed" / "log.txt").mkdir(parents=True)
    records = ProcessEngine().measure(specs, lambda event: None)
    assert [(one.model, one.status) for one in records] == [
        ("convnet", "failed"),
        ("vgg", "failed"),
    ]
    assert all("log.txt: Is a directory" in one.reason for one in records)


def test_a_child_that_the_system_does_not_start_is_a_record_with_a_reason(make_specs, monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    record, _ = run(*make_specs("convnet"))
    assert record.reason == (
        "starting: no child process could be started: Resource temporarily unavailable"
    )


@pytest.mark.parametrize("end", [Ended("over", "timeout"), KeyboardInterrupt()])
def test_nothing_is_written_into_a_run_that_another_process_has(make_specs, monkeypatch, end):
    [spec] = make_specs("convnet")
    store = Store(Path(spec.store))

    def give_up(self, task, log, listen):
        raise end

    monkeypatch.setattr("harness.engines.ended.LOCK_SECONDS", 0.1)
    monkeypatch.setattr(ProcessEngine, "_converse", give_up)
    with store.lock(spec):
        if isinstance(end, KeyboardInterrupt):
            with pytest.raises(KeyboardInterrupt):
                run(spec)
        else:
            assert run(spec)[0].status == "timeout"
        assert store.find(spec) is None


def test_what_cannot_be_read_is_not_written_over_by_how_a_child_ended(make_specs):
    [spec] = make_specs("convnet")
    store = Store(Path(spec.store))
    save_unless_finished(store, spec, ended_run(spec, "failed", "first"))
    assert store.find(spec).reason == "first"
    path = store.run_folder(spec) / "record.json"
    path.write_text("of a later version")
    second = save_unless_finished(store, spec, ended_run(spec, "failed", "second"))
    assert second.reason == "second"
    assert path.read_text() == "of a later version"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "the process exited by itself with code 3; log.txt may say why"),
        (-9, "the process was killed by SIGKILL; out of memory?"),
        (-40, "the process was killed by signal 40"),
    ],
)
def test_every_end_of_a_process_has_words(code, words):
    assert _how_it_ended(code) == words


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_log_that_cannot_be_written_ends_nothing(monkeypatch):
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stderr", full)
        try:
            _log(Event(kind="stage", text="training"))
        except OSError:
            pytest.fail("the log ended what it tells of")
        finally:
            monkeypatch.undo()


def test_ctrl_c_in_this_process_leaves_a_record_as_well(make_specs, monkeypatch):
    def stop(spec, listen, own_process):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.engines.inline.execute_run", stop)
    [spec] = make_specs("convnet")
    with pytest.raises(KeyboardInterrupt):
        InlineEngine().run(spec, lambda event: None)
    record = Store(Path(spec.store)).find(spec)
    assert (record.status, record.reason) == ("interrupted", "stopped by the user")


TOLD = """\
import os
print(*(os.environ[name] for name in ("OMP_NUM_THREADS", "CUBLAS_WORKSPACE_CONFIG")))
"""


def test_neither_the_working_folder_nor_the_users_threads_change_a_child(
    make_specs, write_plugin, linear, tmp_path, monkeypatch
):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    (tmp_path / "safetensors.py").write_text("raise ImportError('of the working folder')")
    monkeypatch.chdir(tmp_path)
    plugin = write_plugin("lin", TOLD + linear)
    [spec] = make_specs("lin", plugins=(plugin,), options=("epochs=0",))
    record, _ = run(spec)
    assert (record.status, record.reason) == ("done", None)
    assert "1 :4096:8\n" in (Store(Path(spec.store)).run_folder(spec) / "log.txt").read_text()


def test_a_model_built_by_going_through_a_set_is_the_same_in_every_process(
    make_specs, write_plugin
):
    """Python orders sets of texts by hashes, which it draws anew for each process."""
    body = "raise ValueError(' '.join({'left', 'right', 'up', 'down', 'in', 'out'}))"
    specs = make_specs("net", plugins=(write_plugin("net", body),), seeds=(0, 1, 2))
    engine = ProcessEngine()
    assert len({engine.run(spec, lambda event: None).reason for spec in specs}) == 1


def test_what_a_plugin_does_to_the_environment_is_not_for_others_children(
    make_specs, write_plugin, linear, monkeypatch
):
    """Such as which GPU is seen, or which kernels torch takes."""
    monkeypatch.delenv("A_WAS_HERE", raising=False)
    engine = ProcessEngine()
    monkeypatch.setenv("A_WAS_HERE", "1")  # As the command does when it discovers plugins.
    body = f"import os\nassert 'A_WAS_HERE' not in os.environ\n{linear}"
    [spec] = make_specs("other", plugins=(write_plugin("other", body),), options=("epochs=0",))
    record = engine.run(spec, lambda event: None)
    assert record.status == "done", record.reason


def test_a_plugin_that_registers_itself_runs_in_this_process_too(make_specs, tmp_path):
    """The command has loaded it before the engine does."""
    (tmp_path / "once_registry.py").write_text(REGISTRY)
    (tmp_path / "once.py").write_text(ONCE)
    [spec] = make_specs("once", plugins=(tmp_path / "once.py",), options=("epochs=0",))
    record = InlineEngine().run(spec, lambda event: None)
    assert record.status == "done", record.reason


def test_this_process_has_the_workspace_that_a_child_has(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    InlineEngine()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
