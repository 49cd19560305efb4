"""A speed session, with slices of time too short to measure anything."""

import pytest

from harness.execute import execute_speed
from harness.measure import throughput


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.001,))


def test_every_model_has_its_rates_and_knows_who_was_beside_it(make_specs, write_plugin, linear):
    specs = make_specs("lin", "convnet", plugins=(write_plugin("lin", linear),))
    events = []
    by_model = {record.model: record for record in execute_speed(specs, events.append)}
    assert set(by_model) == {"lin", "convnet"}
    record = by_model["lin"]
    assert record.status == "done"
    assert set(record.inference) == {1, 32, 256}
    assert record.train_step.rounds == throughput.ROUNDS
    assert record.train_step.low <= record.train_step.images_per_second <= record.train_step.high
    assert record.beside == ("convnet",)
    assert record.batch_size == 32
    assert {event.owner for event in events} == {spec.speed_key for spec in specs}


def test_what_disturbed_the_session_is_in_every_record_of_it(make_specs, monkeypatch):
    monkeypatch.setattr("harness.measure.watch.idleness_notes", lambda before, after: ["not idle"])
    records = execute_speed(make_specs("convnet", "vgg"), lambda event: None)
    assert [record.notes for record in records] == [("not idle",), ("not idle",)]


def test_a_model_that_cannot_be_timed_stops_no_other(make_specs, write_plugin, linear):
    body = (
        "import torch\n"
        "class Small(torch.nn.Module):\n"
        "    def forward(self, images):\n"
        "        if len(images) > 100:\n"
        "            raise ValueError('too many')\n"
        "        return images.flatten(1)[:, :3]\n"
        "return Small()"
    )
    paths = (write_plugin("small", body), write_plugin("lin", linear))
    specs = make_specs("small", "lin", plugins=paths, options=("epochs=0",))
    small, lin = execute_speed(specs, lambda event: None)
    assert (small.status, small.reason) == ("failed", "timing: ValueError: too many")
    assert lin.status == "done"


@pytest.mark.parametrize("tta", ["flip", "views10"])
def test_predicting_through_views_is_timed_beside_plain_prediction(
    make_specs, write_plugin, linear, tta
):
    path = write_plugin("lin", linear)
    specs = make_specs("lin", plugins=(path,), options=("epochs=0", f"tta={tta}|none"))
    record, plain = execute_speed(specs, lambda event: None)
    assert (record.tta, set(record.inference_tta)) == (tta, {1, 32, 256})
    assert (plain.tta, plain.inference_tta) == ("none", {})


def test_a_model_that_is_never_trained_has_no_training_step(make_specs, write_plugin, linear):
    specs = make_specs("lin", plugins=(write_plugin("lin", linear),), options=("epochs=0",))
    [record] = execute_speed(specs, lambda event: None)
    assert record.train_step is None
    assert record.inference[1].images_per_second > 0


@pytest.mark.parametrize(
    "option", ["optimizer=AdamW", "class_weights=balanced", "mixup=1", "ema_decay=0.9", "warmup=1"]
)
def test_a_training_step_is_timed_whatever_the_recipe(make_specs, write_plugin, linear, option):
    specs = make_specs("lin", plugins=(write_plugin("lin", linear),), options=(option,))
    [record] = execute_speed(specs, lambda event: None)
    assert record.train_step.images_per_second > 0


# Keeps a mask for batches of the last size.
KEEPING = """\
import torch
class Keeping(torch.nn.Linear):
    mask = torch.empty(0)
    def forward(self, images):
        if len(self.mask) != len(images):
            self.mask = torch.ones(len(images), 1)
        return super().forward(images.flatten(1)) * self.mask
return Keeping(256, num_classes)
"""


def test_what_a_module_keeps_of_predicting_is_not_met_in_training(make_specs, write_plugin):
    path = write_plugin("keeping", KEEPING)
    specs = make_specs("keeping", plugins=(path,), options=("epochs=1", "batch_size=256"))
    [record] = execute_speed(specs, lambda event: None)
    assert (record.status, record.reason) == ("done", None)


# What is called sets threads for the whole process, or fails with those of another.
CALLED = """\
import torch
class Net(torch.nn.Module):
    def forward(self, images):
        {does}
        return images.flatten(1)[:, :3]
return Net()
"""


def test_what_a_model_sets_for_the_process_as_it_is_called_is_no_others(make_specs, write_plugin):
    paths = (
        write_plugin("loud", CALLED.format(does="torch.set_num_threads(2)")),
        write_plugin("quiet", CALLED.format(does="assert torch.get_num_threads() == 1")),
    )
    specs = make_specs("loud", "quiet", plugins=paths, options=("epochs=0",))
    results = execute_speed(specs, lambda event: None)
    assert {(one.model, one.status, one.reason) for one in results} == {
        ("loud", "done", None),
        ("quiet", "done", None),
    }


def test_a_step_has_no_more_images_than_there_are(make_specs, write_plugin, linear):
    options = ("batch_size=1000000000",)
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),), options=options)
    [record] = execute_speed([spec], lambda event: None)
    assert record.status == "done", record.reason
    assert record.batch_size == 96
    assert record.train_step.images_per_second > 0
