"""Benches of a few milliseconds: what happens counts here, not how fast."""

import itertools
import statistics
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from harness.execute import benched, execute_bench
from harness.execute.cases import find_subject, prepare
from harness.measure import rounds
from harness.plugins import discover


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(rounds, "LONGEST_SLICE", 0.002)
    monkeypatch.setattr(rounds, "SHORTEST_SLICE", 0.002)


RECIPE = "recipe=Recipe(batch_size=8)"


def test_every_case_has_a_rate_a_round_and_the_interval_of_their_median(
    make_bench_spec, write_plugin, linear
):
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, RECIPE),))
    record = execute_bench(spec, lambda event: None)
    cases = [(one.mode, one.batch_size, one.status) for one in record.results]
    assert cases == [
        ("inference", 1, "done"),
        ("inference", 4, "done"),
        ("training", 8, "done"),
    ]
    for one in record.results:
        assert one.images_per_second == statistics.median(one.rates)
        assert one.low <= one.images_per_second <= one.high
        assert len(one.rates) == len(record.reference)
        assert one.compile_seconds is None
    assert record.results[0].latency_samples > 100
    assert record.scenarios[0].single_stream_ms == record.results[0].latency_ms["p90"]
    assert record.results[1].latency_ms == {}
    assert 0 < record.timed_seconds < 5


def test_cases_of_a_kind_are_held_against_the_fastest_of_their_rounds(
    make_bench_spec, write_plugin, linear
):
    paths = tuple(write_plugin(name, linear, RECIPE) for name in ("lin", "too"))
    spec = make_bench_spec("lin", "too", plugins=paths)
    found = {one.name: one for one in execute_bench(spec, lambda event: None).results}
    for kind in (" batch 1", " batch 4", " training batch 8"):
        pair = [found[f"{name} float32 eager{kind}"] for name in ("lin", "too")]
        best = max(pair, key=lambda one: np.log(one.rates).mean())
        for one in pair:
            ratios = np.array(one.rates) / best.rates
            assert one.relative == np.median(ratios)
            assert one.relative_low <= one.relative <= one.relative_high
        assert best.relative == 1


def test_a_change_of_pace_is_said(make_bench_spec):
    spec = make_bench_spec("convnet", "vgg", training=False)
    falling = np.linspace(1, 0.5, 20)

    def timed(case, rates):
        numbers = {"status": "done", "rates": tuple(rates), "images_per_second": 1.0}
        return benched.ended_case(case, "failed", "").model_copy(update=numbers)

    # One that failed on the way has fewer rates than there were rounds.
    results = [timed(case, 100 * falling) for case in spec.cases]
    results[0] = timed(spec.cases[0], [1.0, 2.0])
    notes = benched.trend_notes(spec, results, (180 * falling).tolist(), 60)
    assert any("slower over the session" in note for note in notes)


def test_what_disturbed_a_session_is_in_its_record(
    make_bench_spec, write_plugin, linear, monkeypatch
):
    counts = itertools.count(3)
    monkeypatch.setattr("harness.measure.watch.throttle_count", lambda: next(counts))
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, RECIPE),))
    notes = execute_bench(spec, lambda event: None).notes
    assert any("throttled" in note for note in notes)


def test_the_parent_hears_whose_turn_it_is_and_how_far_the_rounds_are(
    make_bench_spec, write_plugin, linear
):
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, RECIPE),))
    events = []
    execute_bench(spec, events.append)
    assert (events[0].text, events[0].owner) == ("building the model", "lin")
    assert {case.name for case in spec.cases} <= {event.owner for event in events}
    numbers = [event.number for event in events if event.number]
    assert numbers == list(range(1, max(numbers) + 1))
    assert "round 1, 0 of 3 narrow" in [event.text for event in events]


def test_a_model_that_breaks_is_a_reason_for_each_of_its_cases(
    make_bench_spec, write_plugin, linear
):
    paths = (write_plugin("bad", "raise ValueError('no luck')"), write_plugin("lin", linear))
    record = execute_bench(make_bench_spec("bad", "lin", plugins=paths), lambda event: None)
    bad = [one for one in record.results if one.model == "bad"]
    assert len(bad) == 3
    assert {one.reason for one in bad} == {"building the model: ValueError: no luck"}
    assert {one.status for one in bad} == {"failed"}
    assert {one.status for one in record.results if one.model == "lin"} == {"done"}


TOO_MANY = (
    "import torch\n"
    "class Small(torch.nn.Module):\n"
    "    calls = 0\n"
    "    def forward(self, images):\n"
    "        self.calls += 1\n"
    "        if len(images) > 2 and self.calls > {calls}:\n"
    "            raise ValueError('too many')\n"
    "        return images.flatten(1)[:, :3]\n"
    "return Small()"
)


@pytest.mark.parametrize(("calls", "stage"), [(0, "warming up"), (7, "timing")])
def test_a_batch_size_that_fails_stops_no_other(make_bench_spec, write_plugin, calls, stage):
    path = write_plugin("small", TOO_MANY.format(calls=calls))
    spec = make_bench_spec("small", plugins=(path,), training=False)
    one, four = execute_bench(spec, lambda event: None).results
    assert one.status == "done"
    assert (four.status, four.reason) == ("failed", f"{stage}: ValueError: too many")


def test_what_a_model_does_not_support_is_unsupported(make_bench_spec, write_plugin, linear):
    extra = "supports=lambda shape, classes: 'needs 32 pixels'"
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, extra),))
    record = execute_bench(spec, lambda event: None)
    found = {(one.status, one.reason) for one in record.results}
    assert found == {("unsupported", "needs 32 pixels")}
    assert record.scenarios == record.reference == ()


@pytest.mark.parametrize(
    ("answer", "status"),
    [("''", "done"), ("None", "done"), ("True", "failed"), ("False", "failed")],
)
def test_what_supports_answers_stops_no_other_model(
    make_bench_spec, write_plugin, linear, answer, status
):
    extra = f"supports=lambda shape, classes: {answer}"
    paths = write_plugin("odd", linear, extra), write_plugin("lin", linear)
    record = execute_bench(make_bench_spec("odd", "lin", plugins=paths), lambda event: None)
    found = {(one.model, one.status) for one in record.results}
    assert found == {("odd", status), ("lin", "done")}
    reasons = {one.reason for one in record.results if one.model == "odd"}
    if status == "failed":
        [reason] = reasons
        assert "supports of model 'odd' must return None or the reason why not" in reason


def test_models_whose_files_have_helpers_of_one_name_are_timed_each_with_its_own(
    make_bench_spec, tmp_path
):
    for name, width in (("small", 1), ("large", 300)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.py").write_text(f"WIDTH = {width}")
        (folder / f"{name}.py").write_text(
            "from harness import ModelPlugin, hookimpl\n"
            "def build(input_shape, num_classes):\n"
            "    from torch import nn\n    from model import WIDTH\n"
            "    class Net(nn.Sequential):\n"
            "        def forward(self, images):\n"
            f"            assert WIDTH == {width}\n"
            "            return super().forward(images)\n"
            "    return Net(nn.Flatten(), nn.Linear(256, WIDTH), nn.Linear(WIDTH, num_classes))\n"
            "@hookimpl\ndef harness_models():\n"
            f"    return [ModelPlugin(name='{name}', build=build)]\n"
        )
    paths = tuple(tmp_path / name / f"{name}.py" for name in ("small", "large"))
    record = execute_bench(make_bench_spec("small", "large", plugins=paths), lambda event: None)
    assert {(one.status, one.reason) for one in record.results} == {("done", None)}


def test_a_model_without_parameters_predicts_and_trains_not(make_bench_spec, write_plugin):
    path = write_plugin("flat", "from torch import nn\nreturn nn.Flatten()")
    record = execute_bench(make_bench_spec("flat", plugins=(path,)), lambda event: None)
    assert [one.status for one in record.results] == ["done", "done", "unsupported"]
    assert record.results[2].reason == "the model has no parameters to train"


def test_training_leaves_what_predicts_as_it_was(make_bench_spec, write_plugin):
    # A module that predicts differently once it was trained would be another piece of work.
    body = (
        "import torch\n"
        "class Counted(torch.nn.Linear):\n"
        "    trained = False\n"
        "    def forward(self, images):\n"
        "        if self.trained and not self.training:\n"
        "            raise ValueError('predicts with the module that is trained')\n"
        "        self.trained = self.training\n"
        "        return super().forward(images.flatten(1))\n"
        "return Counted(256, num_classes)"
    )
    spec = make_bench_spec("counted", plugins=(write_plugin("counted", body, RECIPE),))
    record = execute_bench(spec, lambda event: None)
    assert {one.status for one in record.results} == {"done"}


def test_what_a_plugin_takes_to_build_is_no_time_of_compiling(
    make_bench_spec, write_plugin, linear, monkeypatch
):
    now = [0.0]
    monkeypatch.setattr("harness.execute.cases.time.perf_counter", lambda: now[0])
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, RECIPE),))
    subject = find_subject(spec.models[0], spec, discover(spec.models[0].plugins))

    def slow():
        now[0] += 100
        return subject.module

    [case] = [one for one in spec.cases if one.mode == "training"]
    assert prepare(case, replace(subject, build=slow), spec)[1] == 0
    assert now[0] == 100


def test_too_few_rounds_state_no_interval_and_say_so(make_bench_spec, write_plugin, linear):
    spec = make_bench_spec("lin", plugins=(write_plugin("lin", linear, RECIPE),), seconds=1e-6)
    record = execute_bench(spec, lambda event: None)
    assert [len(one.rates) for one in record.results] == [1, 1, 1]
    assert {one.low for one in record.results} == {None}
    told = f"1 round in {record.timed_seconds:.3g} s: no interval"
    assert any(note.startswith(told) for note in record.notes)
    assert record.timed_seconds > 1e-6


def test_intervals_that_stay_wide_are_said(make_bench_spec, write_plugin, linear):
    path = write_plugin("lin", linear, RECIPE)
    spec = make_bench_spec("lin", plugins=(path,), seconds=0.5, width=1e-9)
    record = execute_bench(spec, lambda event: None)
    [note] = [note for note in record.notes if "wider than" in note]
    told = (
        f"3 of 3 intervals are wider than ±1e-07 % after {record.timed_seconds:.3g} s (the widest: "
    )
    assert note.startswith(told)


def test_a_planted_load_is_said(make_bench_spec, write_plugin, linear):
    path = write_plugin("lin", linear, RECIPE)
    spec = make_bench_spec("lin", plugins=(path,), seconds=1.5, width=1e-9)
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as load:
        try:
            record = execute_bench(spec, lambda event: None)
        finally:
            load.kill()
    assert any(
        note.startswith("the machine was not idle: other processes used") for note in record.notes
    )


# What is called sets threads for the whole process, or fails with those of another.
CALLED = """\
import torch
class Net(torch.nn.Module):
    def forward(self, images):
        {does}
        return images.flatten(1)[:, :3]
return Net()
"""


def test_what_a_model_sets_for_the_process_as_it_is_called_is_no_others(
    make_bench_spec, write_plugin
):
    paths = (
        write_plugin("loud", CALLED.format(does="torch.set_num_threads(2)")),
        write_plugin("quiet", CALLED.format(does="assert torch.get_num_threads() == 1")),
    )
    spec = make_bench_spec("loud", "quiet", plugins=paths, training=False)
    results = execute_bench(spec, lambda event: None).results
    assert {(one.model, one.status, one.reason) for one in results} == {
        ("loud", "done", None),
        ("quiet", "done", None),
    }
