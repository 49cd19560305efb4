"""Evaluation under corruption in real child processes, and how one can end."""

from pathlib import Path

import pytest

from harness.engines import InlineEngine, ProcessEngine
from harness.schema import Event
from harness.store import Store

# Trains as any model, and does this once the images are noise.
TREACHEROUS = """\
import math, os, pathlib, time, torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(math.prod(input_shape), num_classes)
    def forward(self, images):
        if pathlib.Path({flag!r}).exists():
            {deed}
        return self.head(images.flatten(1))
return Net()
"""


def silently(event: Event) -> None:
    pass


@pytest.fixture
def run(make_specs, write_plugin, tmp_path):
    """Make a run whose model does a deed once it is told to."""

    def make(deed):
        flag = tmp_path / "now"
        body = TREACHEROUS.format(flag=str(flag), deed=deed)
        [spec] = make_specs("net", plugins=(write_plugin("net", body),))
        assert InlineEngine().run(spec, silently).status == "done"
        flag.touch()
        return spec

    return make


def test_a_child_gives_what_this_process_gives(run):
    spec = run("pass")
    events: list[Event] = []
    child = ProcessEngine().robustness(spec, events.append)
    assert Store(Path(spec.store)).robustness(spec) == child
    here = InlineEngine().robustness(spec, silently)
    assert child.corruptions == here.corruptions
    assert len([event for event in events if event.kind == "corruption"]) == 45


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("os._exit(9)", "trying the model: the process exited by itself with code 9"),
        ("os.kill(os.getpid(), 9)", "trying the model: the process was killed by SIGKILL"),
        ("raise ValueError('no luck')", "trying the model: ValueError: no luck"),
    ],
)
def test_a_crash_is_a_reason_and_leaves_the_run_as_it_was(run, deed, reason):
    spec = run(deed)
    store = Store(Path(spec.store))
    before = store.find(spec)
    assert ProcessEngine().robustness(spec, silently).startswith(reason)
    assert store.robustness(spec) is None
    assert store.find(spec) == before


def test_a_timeout_ends_it(run):
    spec = run("time.sleep(600)")
    reason = ProcessEngine(timeout=15).robustness(spec, silently)
    assert "ended after 15 s (--timeout 15)" in reason


def test_what_it_printed_is_in_the_runs_log(run):
    spec = run("print('flat again')")
    ProcessEngine().robustness(spec, silently)
    log = (Store(Path(spec.store)).run_folder(spec) / "log.txt").read_text()
    assert "flat again" in log
    assert "evaluating the uncorrupted images …" in log
