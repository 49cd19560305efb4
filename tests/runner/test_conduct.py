"""Conducting a plan, with an engine that only notes what was asked of it."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from harness.engines import ProcessEngine
from harness.errors import StoreError
from harness.execute.records import ended_run, ended_speed, make_run, make_speed
from harness.plugins import discover
from harness.runner import Conductor, Plan, Planned
from harness.schema import AuditCard, Epoch, Event
from harness.store import Store
from harness.tensors.device import resolve


class Notes:
    """An engine and a display in one: everything becomes a line."""

    def __init__(self, together: int = 0) -> None:
        self.lines: list[str] = []
        # Runs that wait for each other come to an end only if they go on at once.
        self._barrier = threading.Barrier(together) if together else None

    def run(self, spec, listen):
        self.lines.append(f"run {spec.model} {spec.seed}")
        if self._barrier:
            self._barrier.wait(timeout=20)
        listen(Event(kind="stage", text="training"))
        record = make_run(spec, "done")
        Store(Path(spec.store)).save(record)
        return record

    def measure(self, specs, listen):
        self.lines.append("measure " + " ".join(spec.model for spec in specs))
        return [make_speed(spec, "done") for spec in specs]

    def stop(self):
        self.lines.append("stop")

    def started(self, planned):
        self.lines.append(f"started {planned.spec.seed}")

    def event(self, spec, event):
        self.lines.append(f"heard {event.text}")

    def finished(self, planned, record):
        self.lines.append(f"finished {planned.spec.seed}")

    def timing(self, specs):
        self.lines.append("timing")

    def timing_event(self, event):
        pass

    def warn(self, sentence):
        self.lines.append(sentence)


def conduct(notes, specs, host=None, *, stored=(), **words):
    runs = [Planned(spec, None, "as planned") for spec in specs]
    runs += [Planned(spec, record, "reused") for spec, record in stored]
    store = Store(Path(runs[0].spec.store))
    for _, record in stored:
        store.save(record)
    conductor = Conductor(notes, store, host or discover(), notes, **words)
    return conductor.conduct(Plan(tuple(runs)))


def test_runs_go_one_after_another_and_then_all_are_timed(make_specs):
    notes = Notes()
    conduct(notes, make_specs("convnet", "vgg"))
    assert notes.lines == [
        *("started 0", "run convnet 0", "heard training", "finished 0"),
        *("started 0", "run vgg 0", "heard training", "finished 0"),
        *("timing", "measure convnet vgg"),
    ]


def test_what_disturbed_the_timing_is_said_once(make_specs):
    class Disturbed(Notes):
        def measure(self, specs, listen):
            return [make_speed(spec, "done", notes=("not idle",)) for spec in specs]

    notes = Disturbed()
    conduct(notes, make_specs("convnet", "vgg"))
    assert notes.lines.count("speeds: not idle") == 1


def test_a_speed_that_cannot_be_saved_costs_no_other(make_specs, monkeypatch):
    saved = []

    def save(store, speed):
        if speed.model == "convnet":
            raise StoreError("cannot write it")
        saved.append(speed.model)

    monkeypatch.setattr(Store, "save_speed", save)
    notes = Notes()
    assert len(conduct(notes, make_specs("convnet", "vgg"))) == 2
    assert saved == ["vgg"]
    assert notes.lines[-1] == "cannot write it"


def test_seeds_of_one_model_are_timed_once(make_specs):
    notes = Notes()
    conduct(notes, make_specs("convnet", seeds=(0, 1, 2)))
    assert notes.lines[-1] == "measure convnet"


def test_what_is_reused_and_timed_is_left_alone(make_specs):
    specs, notes = make_specs("convnet"), Notes()
    [record] = conduct(notes, specs)
    again = Notes()
    assert conduct(again, [], stored=[(specs[0], record)]) == [record]
    assert again.lines == ["finished 0"]


def test_a_model_without_speed_is_timed_beside_those_that_have_one(make_specs):
    convnet, vgg = make_specs("convnet", "vgg")
    [record] = conduct(Notes(), [convnet])
    notes = Notes()
    conduct(notes, [vgg], stored=[(convnet, record)])
    assert notes.lines[-1] == "measure vgg convnet"


class Weights(Notes):
    """Notes that leave weights, and tell whose weights a run took."""

    def run(self, spec, listen):
        record = super().run(spec, listen)
        (Store(Path(spec.store)).run_folder(spec) / "model.safetensors").touch()
        self.lines.append(f"weights of {spec.weights_of and spec.weights_of[:12]}")
        return record

    def started(self, planned):
        self.lines.append(planned.why)


def test_what_differs_by_its_views_takes_the_weights_of_the_run_before_it(make_specs):
    plain, flip = make_specs("convnet", options=("tta=none|flip",))
    notes = Weights()
    _, record = conduct(notes, [plain, flip])
    whose = plain.key[:12]
    assert [line for line in notes.lines if "weights" in line] == [
        "weights of None",
        f"weights reused from 0-{whose}",
        f"weights of {whose}",
    ]
    assert record.weights_of == plain.key


def test_weights_that_have_gone_since_the_plan_are_not_waited_for(make_specs):
    [spec] = make_specs("convnet")
    notes = Weights()
    conduct(notes, [spec.model_copy(update={"weights_of": "0" * 64})])
    assert "weights of None" in notes.lines
    assert "new" in notes.lines  # What is shown of why it is made.


def test_what_another_command_finished_since_the_plan_is_not_made_again(make_specs):
    [spec] = make_specs("convnet")
    record = make_run(spec, "done")
    Store(Path(spec.store)).save(record)
    notes = Notes()
    assert conduct(notes, [spec]) == [record]
    assert not any(line.startswith("run ") for line in notes.lines)
    assert "run convnet 0" in forced(spec).lines


def forced(spec):
    notes = Notes()
    conduct(notes, [spec], force=True)
    return notes


class Slow(Weights):
    """Takes its time, and counts how many runs go on at once."""

    def __init__(self):
        super().__init__()
        self.now = self.most = 0

    def run(self, spec, listen):
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.3)
        record = super().run(spec, listen)
        self.now -= 1
        return record


def test_several_at_once_train_once_what_trains_alike(make_specs):
    notes = Slow()
    conduct(notes, make_specs("convnet", options=("tta=none|flip|views10",)), jobs=3)
    assert notes.most == 1
    assert notes.lines.count("weights of None") == 1


def test_force_takes_no_weights(make_specs):
    notes = Weights()
    conduct(notes, make_specs("convnet", options=("tta=none|flip",)), force=True)
    assert notes.lines.count("weights of None") == 2


def test_force_makes_the_others_where_another_process_holds_a_run(make_specs, monkeypatch):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    specs, notes = make_specs("convnet", seeds=(0, 1, 2)), Notes()
    with Store(Path(specs[1].store)).lock(specs[1]):
        records = conduct(notes, specs, force=True)
    assert [record.status for record in records] == ["done", "failed", "done"]
    assert "another process" in records[1].reason
    assert [line for line in notes.lines if line.startswith(("run", "finished", "measure"))] == [
        "run convnet 0",
        "finished 0",
        "finished 1",
        "run convnet 2",
        "finished 2",
        "measure convnet",
    ]


def test_a_speed_that_cannot_be_saved_is_a_warning(make_specs):
    specs, notes = make_specs("convnet"), Notes()
    store = Store(Path(specs[0].store))
    store.root.mkdir()
    (store.root / "speed").write_text("no folder")
    [record] = conduct(notes, specs)
    assert record.status == "done"
    assert notes.lines[-1].startswith(f"cannot write to {store.root / 'speed'}")


def test_a_speed_that_could_not_be_had_is_noted_though_there_is_an_earlier_one(make_specs):
    class Unlucky(Notes):
        def measure(self, specs, listen):
            return [ended_speed(spec, "timeout", "too long") for spec in specs]

    specs = make_specs("convnet")
    conduct(Notes(), specs)
    runs = Plan(tuple(Planned(spec, None, "forced") for spec in specs))
    store, notes = Store(Path(specs[0].store)), Unlucky()
    conductor = Conductor(notes, store, discover(), notes, force=True)
    conductor.conduct(runs)
    assert conductor.untimed == {specs[0].speed_key}


def test_a_first_look_whose_epochs_are_asked_for_by_now_is_none_any_more(make_specs):
    [spec] = make_specs("convnet")
    look = spec.model_copy(update={"quick": True})
    [record] = conduct(Notes(), [look])
    assert record.quick
    [same] = conduct(Notes(), [], stored=[(look, record)])
    assert same.quick
    [reused] = conduct(Notes(), [], stored=[(spec, record)])
    assert not reused.quick
    assert not Store(Path(spec.store)).find(spec).quick
    [again] = conduct(Notes(), [], stored=[(look, reused)])
    assert not again.quick


def test_a_reused_run_has_its_speed_under_the_key_of_now(make_specs):
    [spec] = make_specs("convnet")
    [record] = conduct(Notes(), [spec])
    before = record.model_copy(update={"speed_key": "e" * 64})
    assert conduct(Notes(), [], stored=[(spec, before)], speed=False) == [before]
    [found] = conduct(Notes(), [], stored=[(spec, before)])
    assert found.speed_key == spec.speed_key
    assert Store(Path(spec.store)).find(spec).speed_key == spec.speed_key


def test_what_was_to_be_reused_and_was_removed_meanwhile_is_made(make_specs):
    [spec] = make_specs("convnet")
    [record] = conduct(Notes(), [spec])
    store, notes = Store(Path(spec.store)), Notes()
    store.remove(record)
    plan = Plan((Planned(spec, record, "reused"),))
    [again] = Conductor(notes, store, discover(), notes).conduct(plan)
    assert "run convnet 0" in notes.lines
    assert again == store.find(spec)


def test_a_speed_that_cannot_be_read_is_told_of_and_left_as_it_is(make_specs):
    specs = make_specs("convnet", "vgg")
    conduct(Notes(), specs)
    store, notes = Store(Path(specs[0].store)), Notes()
    places = {path.name.partition("-")[0]: path for path in (store.root / "speed").glob("*/*")}
    places["convnet"].write_text('{"later": 1}')
    places["vgg"].unlink()
    conduct(notes, [], stored=[(spec, store.find(spec)) for spec in specs])
    assert "measure vgg" in notes.lines
    assert any(f"{places['convnet']} is no SpeedRecord" in line for line in notes.lines)
    assert places["convnet"].read_text() == '{"later": 1}'
    assert places["vgg"].exists()


def test_a_run_without_a_result_is_not_timed(make_specs):
    [spec] = make_specs("convnet")
    notes = Notes()
    conduct(notes, [], stored=[(spec, ended_run(spec, "unsupported", "too small"))])
    assert notes.lines == ["finished 0"]


def test_a_reused_run_is_judged_by_the_new_audit_of_its_data(make_specs, monkeypatch):
    specs = make_specs("convnet")
    [record] = conduct(Notes(), specs)
    card = AuditCard(version=1, clean_sha256="00", clean=40, exact=3, near=2)
    audited = specs[0].model_copy(update={"audit": card, "audited": "somewhere"})
    judged = record.model_copy(update={"audit": card})
    monkeypatch.setattr("harness.runner.conduct.reassess", lambda *_: judged)
    notes = Notes()
    assert conduct(notes, [], stored=[(audited, record)]) == [judged]
    assert notes.lines == ["finished 0"]


def test_a_run_that_cannot_be_judged_again_is_reused_as_it_is_with_a_warning(make_specs):
    specs = make_specs("convnet")
    [record] = conduct(Notes(), specs)
    card = AuditCard(version=1, clean_sha256="00", clean=40, exact=3, near=2)
    audited = specs[0].model_copy(update={"audit": card, "audited": "nowhere"})
    notes = Notes()
    assert conduct(notes, [], stored=[(audited, record)]) == [record]
    assert any("clean_test.npy cannot be read" in line for line in notes.lines)


def test_hooks_hear_of_every_run_and_a_raising_one_stops_nothing(make_specs, tmp_path):
    plugin = tmp_path / "ears.py"
    plugin.write_text(
        "from harness import hookimpl\nheard = []\n"
        "@hookimpl\ndef harness_run_started(spec): heard.append(spec.model)\n"
        "@hookimpl\ndef harness_run_finished(record): raise ValueError('deaf')\n"
    )
    host, notes = discover([str(plugin)]), Notes()
    conduct(notes, make_specs("convnet"), host)
    [module] = [p.module for p in host.plugins if p.name == "ears"]
    assert module.heard == ["convnet"]
    assert any("harness_run_finished" in line and "deaf" in line for line in notes.lines)


def test_several_jobs_go_on_at_once_and_records_keep_the_plans_order(make_specs):
    notes = Notes(together=3)
    records = conduct(notes, make_specs("convnet", seeds=(0, 1, 2)), jobs=3)
    assert [record.seed for record in records] == [0, 1, 2]


def test_jobs_share_the_cores() -> None:
    alone = resolve("cpu").threads
    assert resolve("cpu", jobs=alone).threads == 1
    assert resolve("cpu", jobs=100 * alone).threads == 1
    assert resolve("cpu", threads=3, jobs=2).threads == 3


@pytest.fixture
def ctrl_c_is_heard():
    """A shell lets what it starts in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_ends_every_job_and_records_it_as_interrupted(make_specs, write_plugin, tmp_path):
    body = "import os, time, pathlib\n"
    body += f"pathlib.Path({str(tmp_path)!r}, f'begun-{{os.getpid()}}').touch()\n"
    body += "time.sleep(600)"
    specs = make_specs("slow", plugins=(write_plugin("slow", body),), seeds=(0, 1))
    notes, store = Notes(), Store(Path(specs[0].store))
    conductor = Conductor(ProcessEngine(), store, discover(), notes, jobs=2)
    ended = threading.Event()

    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("begun-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        if not ended.is_set():  # Else it would meet another test.
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            conductor.conduct(Plan(tuple(Planned(spec, None, "new") for spec in specs)))
    finally:
        ended.set()
    assert {store.find(spec).status for spec in specs} == {"interrupted"}


EARS = """\
from harness import hookimpl
heard = []

@hookimpl
def harness_run_finished(record):
    heard.append(record.status)
"""


def test_hooks_hear_of_a_run_that_ctrl_c_ended(make_specs, tmp_path):
    class Interrupted(Notes):
        def run(self, spec, listen):
            Store(Path(spec.store)).save(ended_run(spec, "interrupted", "stopped by the user"))
            raise KeyboardInterrupt

    path = tmp_path / "ears.py"
    path.write_text(EARS)
    host = discover([str(path)])
    with pytest.raises(KeyboardInterrupt):
        conduct(Interrupted(), make_specs("convnet"), host)
    [module] = [plugin.module for plugin in host.plugins if plugin.name == "ears"]
    assert module.heard == ["interrupted"]


def test_ctrl_c_tells_hooks_of_no_earlier_try(make_specs, tmp_path):
    class Unsaved(Notes):
        def run(self, spec, listen):
            raise KeyboardInterrupt

    path = tmp_path / "ears.py"
    path.write_text(EARS)
    host, specs = discover([str(path)]), make_specs("convnet")
    Store(Path(specs[0].store)).save(ended_run(specs[0], "interrupted", "last week"))
    with pytest.raises(KeyboardInterrupt):
        conduct(Unsaved(), specs, host)
    [module] = [plugin.module for plugin in host.plugins if plugin.name == "ears"]
    assert module.heard == []


def test_runs_that_train_alike_keep_no_job_waiting(make_specs):
    """One trains, its like waits for its weights, and the other job makes other models."""
    alike, others = (
        make_specs("convnet", options=("tta=none|flip",)),
        make_specs("vgg", seeds=(0, 1)),
    )
    specs = [*alike, *others]
    records = conduct(Notes(together=2), specs, jobs=2)
    assert [record.key for record in records] == [spec.key for spec in specs]


def test_forced_runs_share_no_weights_and_wait_for_nobody(make_specs):
    alike = make_specs("convnet", options=("tta=none|flip",))
    records = conduct(Notes(together=2), alike, jobs=2, force=True)
    assert [record.key for record in records] == [spec.key for spec in alike]


def test_a_run_that_waits_for_its_turn_loses_nothing_by_ctrl_c(make_specs):
    """With --force its stored result would be removed as it begins."""
    alike = make_specs("convnet", options=("tta=none|flip",))
    records = {record.key: record for record in conduct(Notes(), alike)}
    begun, stopped = threading.Event(), threading.Event()

    class Pressed(Notes):
        """Ctrl-C is pressed while one run goes on and another waits for its turn."""

        def run(self, spec, listen):
            if spec.model == "vgg":
                begun.wait(20)
                raise KeyboardInterrupt
            begun.set()
            stopped.wait(20)
            return records[spec.key]

        def stop(self):
            stopped.set()

    store = Store(Path(alike[0].store))
    with pytest.raises(KeyboardInterrupt):
        conduct(Pressed(), [*make_specs("vgg"), *alike], force=True, jobs=2)
    assert stopped.is_set()
    assert len([spec for spec in alike if store.find(spec)]) == 1


LISTENING = """\
import time
from harness import hookimpl

heard, now, most = [], 0, 0

@hookimpl
def harness_epoch_finished(spec, epoch):
    global now, most
    now += 1
    most = max(most, now)
    time.sleep(0.05)
    heard.append((spec.seed, epoch.epoch))
    now -= 1
"""


class Epochs(Notes):
    """An engine whose runs have two epochs each."""

    def run(self, spec, listen):
        for number in (1, 2):
            numbers = dict.fromkeys(Epoch.model_fields, 0.5) | {"epoch": number}
            listen(Event(kind="epoch", number=number, epoch=Epoch(**numbers)))
        return super().run(spec, listen)


def test_hooks_hear_of_every_epoch_one_at_a_time(make_specs, tmp_path):
    (tmp_path / "ears.py").write_text(LISTENING)
    host = discover([str(tmp_path / "ears.py")])
    conduct(Epochs(), make_specs("convnet", seeds=(0, 1, 2)), host, jobs=3, speed=False)
    [ears] = [plugin.module for plugin in host.plugins if plugin.name == "ears"]
    assert sorted(ears.heard) == [(seed, number) for seed in (0, 1, 2) for number in (1, 2)]
    assert ears.most == 1
