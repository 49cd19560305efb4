"""What a conductor evaluates under corruption, with an engine that only notes what it is asked."""

import threading
from pathlib import Path

from harness.execute.records import ended_run, make_run, make_speed
from harness.plugins import discover
from harness.runner import Conductor, Plan, Planned
from harness.schema import CORRUPTIONS_VERSION, Event, RobustnessRecord
from harness.store import Store


def robustness_of(spec, version=CORRUPTIONS_VERSION):
    return RobustnessRecord(
        key=spec.key,
        version=version,
        seed=0,
        n=1,
        uncorrupted_correct=1,
        uncorrupted_accuracy=1,
        corruptions=(),
        mean_accuracy=0.5,
        relative_loss=0.5,
        seconds=1,
        libraries={},
        evaluated_at="now",
    )


class Notes:
    """An engine and a display in one: everything becomes a line."""

    def __init__(self, reason: str = "", status: str = "done", together: int = 1) -> None:
        self.lines: list[str] = []
        self._reason, self._status = reason, status
        # Evaluations that wait for each other come to an end only if they go on at once.
        self._barrier = threading.Barrier(together)

    def run(self, spec, listen):
        self.lines.append(f"run {spec.seed}")
        record = make_run(spec, self._status)
        Store(Path(spec.store)).save(record)
        return record

    def robustness(self, spec, listen):
        self._barrier.wait(timeout=20)
        listen(Event(kind="corruption", text="blur, strength 1", fraction=0.1))
        if self._reason:
            return self._reason
        record = robustness_of(spec)
        Store(Path(spec.store)).save_robustness(spec, record)
        return record

    def measure(self, specs, listen):
        self.lines.append("measure")
        return [make_speed(spec, "done") for spec in specs]

    def corrupting(self, spec):
        self.lines.append(f"corrupting {spec.seed}")

    def corrupting_event(self, spec, event):
        self.lines.append(f"heard {event.text}")

    def corrupted(self, spec, record):
        self.lines.append(f"corrupted {spec.seed} {record and record.mean_accuracy}")

    def warn(self, sentence):
        self.lines.append(sentence)

    def started(self, planned):
        pass

    def event(self, spec, event):
        pass

    def finished(self, planned, record):
        pass

    def timing(self, specs):
        pass

    def timing_event(self, event):
        pass


def conduct(notes, specs, *, stored=(), **words):
    runs = [Planned(spec, None, "new") for spec in specs]
    runs += [Planned(spec, record, "reused") for spec, record in stored]
    store = Store(Path(runs[0].spec.store))
    for _, record in stored:
        store.save(record)
    conductor = Conductor(notes, store, discover(), notes, robustness=True, **words)
    conductor.conduct(Plan(tuple(runs)))
    return notes.lines


def test_runs_are_evaluated_after_training_and_before_timing(make_specs):
    lines = conduct(Notes(), make_specs("convnet", seeds=(0, 1)))
    assert lines == [
        *("run 0", "run 1"),
        *("corrupting 0", "heard blur, strength 1", "corrupted 0 0.5"),
        *("corrupting 1", "heard blur, strength 1", "corrupted 1 0.5"),
        "measure",
    ]


def test_nothing_is_evaluated_where_nobody_asked(make_specs):
    [spec] = make_specs("convnet")
    notes = Notes()
    Conductor(notes, Store(Path(spec.store)), discover(), notes).conduct(
        Plan((Planned(spec, None, "new"),))
    )
    assert notes.lines == ["run 0", "measure"]


def test_a_reused_run_is_evaluated_once(make_specs):
    [spec] = make_specs("convnet")
    stored = [(spec, make_run(spec, "done"))]
    assert "corrupting 0" in conduct(Notes(), [], stored=stored)
    assert conduct(Notes(), [], stored=stored) == []


def test_a_record_of_other_corruptions_or_another_run_is_made_again(make_specs):
    [spec] = make_specs("convnet")
    store, stored = Store(Path(spec.store)), [(spec, make_run(spec, "done"))]
    store.save_robustness(spec, robustness_of(spec, CORRUPTIONS_VERSION + 1))
    assert "corrupting 0" in conduct(Notes(), [], stored=stored)
    other = robustness_of(spec).model_copy(update={"key": "another"})
    store.save_robustness(spec, other)
    assert "corrupting 0" in conduct(Notes(), [], stored=stored)


def test_a_failure_is_a_warning_and_the_others_go_on(make_specs):
    lines = conduct(Notes(reason="blur, strength 1: no luck"), make_specs("convnet", seeds=(0, 1)))
    warnings = [line for line in lines if "no luck" in line]
    assert warnings[0] == (
        "convnet (seed 0): its robustness could not be evaluated: blur, strength 1: no luck"
    )
    assert "corrupted 1 None" in lines
    assert lines[-1] == "measure"


def test_what_cannot_be_read_is_told_of_and_left_as_it_is(make_specs):
    [spec] = make_specs("convnet")
    conduct(Notes(), [spec])
    store = Store(Path(spec.store))
    path = store.run_folder(spec) / "robustness.json"
    path.write_text('{"later": 1}')
    lines = conduct(Notes(), [], stored=[(spec, store.find(spec))])
    assert "corrupting 0" not in lines
    assert any(f"{path} is no RobustnessRecord" in line for line in lines)
    assert path.read_text() == '{"later": 1}'


def test_a_run_without_a_result_is_not_evaluated(make_specs):
    [spec] = make_specs("convnet")
    assert conduct(Notes(), [], stored=[(spec, ended_run(spec, "unsupported", "tiny"))]) == []


def test_several_jobs_evaluate_at_once(make_specs):
    lines = conduct(Notes(together=3), make_specs("convnet", seeds=(0, 1, 2)), jobs=3)
    assert {"corrupted 0 0.5", "corrupted 1 0.5", "corrupted 2 0.5"} <= set(lines)
    assert lines[-1] == "measure"
