"""Benches in real child processes, and what is left of one that dies."""

import queue
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.engines import ProcessEngine
from harness.engines.messages import Message, Task
from harness.engines.process import Ended
from harness.schema import Event

SMALL = "recipe=Recipe(batch_size=8)"


def statuses(record) -> dict[str, set[str]]:
    models = dict.fromkeys(one.model for one in record.results)
    return {name: {one.status for one in record.results if one.model == name} for name in models}


def test_a_model_that_kills_the_process_is_left_out_of_the_next_try(
    make_bench_spec, write_plugin, linear
):
    paths = (
        write_plugin("lin", linear, SMALL),
        write_plugin("bad", "import os; os._exit(7)"),
    )
    spec = make_bench_spec("lin", "bad", plugins=paths)
    record = ProcessEngine().bench(spec, lambda event: None)
    assert statuses(record) == {"lin": {"done"}, "bad": {"failed"}}
    assert [one.name for one in record.results] == [case.name for case in spec.cases]
    [reason] = {one.reason for one in record.results if one.model == "bad"}
    assert reason.startswith("building the model: the process exited by itself with code 7")
    assert len(record.scenarios) == 1


DIES = """\
import os, torch
class Dies(torch.nn.Linear):
    def forward(self, images):
        if len(images) == 4:
            os._exit(7)
        return super().forward(images.flatten(1))
return Dies(256, num_classes)
"""


def test_a_batch_size_that_kills_the_process_takes_no_other_with_it(make_bench_spec, write_plugin):
    spec = make_bench_spec("dies", plugins=(write_plugin("dies", DIES, SMALL),))
    record = ProcessEngine().bench(spec, lambda event: None)
    assert [(one.batch_size, one.status) for one in record.results] == [
        (1, "done"),
        (4, "failed"),
        (8, "done"),
    ]
    assert record.results[1].reason.startswith("warming up: the process exited")


def test_each_case_has_the_timeout_for_itself(make_bench_spec, monkeypatch):
    """Three preparations of twenty seconds each, and turns that take ten minutes."""
    now, lines = [0.0], []
    spec = make_bench_spec("convnet", seconds=600)
    for seconds, owner in [(20, "a"), (20, "b"), (20, "c"), *[(10, "a")] * 60]:
        lines.append((seconds, Message(event=Event(kind="stage", text="x", owner=owner))))
    lines.append((1, Message(reason="done")))

    @contextmanager
    def no_child(task, log, environment):
        yield SimpleNamespace(pid=0, poll=lambda: None), SimpleNamespace(get=get)

    def get(timeout):
        seconds, message = lines.pop(0)
        now[0] += min(seconds, timeout)
        if seconds > timeout:
            lines.insert(0, (seconds - timeout, message))
            raise queue.Empty
        return message.model_dump_json()

    monkeypatch.setattr("harness.engines.process._child", no_child)
    monkeypatch.setattr("harness.engines.pauses.Pauses.now", lambda self: now[0])
    engine = ProcessEngine(timeout=30)
    heard = []
    task = Task(kind="bench", bench=spec)
    assert engine._converse(task, Path(spec.log), heard.append).reason == "done"
    lines += [(20, Message(event=heard[0])), (31, Message(event=heard[0])), (1, Message())]
    with pytest.raises(Ended, match=r"ended after 30 s \(--timeout 30\)"):
        engine._converse(task, Path(spec.log), heard.append)


@pytest.mark.slow
def test_where_everything_hangs_there_is_a_record_of_that(make_bench_spec, write_plugin):
    path = write_plugin("slow", "print('begun'); import time; time.sleep(600)")
    spec = make_bench_spec("slow", plugins=(path,))
    record = ProcessEngine(timeout=15).bench(spec, lambda event: None)
    assert statuses(record) == {"slow": {"timeout"}}
    assert "(--timeout 15)" in record.results[0].reason
    assert record.environment.cores >= 1
    assert "begun" in Path(spec.log).read_text()
