"""The life of one run, in this process."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn import metrics

from harness.errors import StoreError
from harness.evaluate.predictions import read_predictions
from harness.execute import execute_robustness, execute_run
from harness.execute.build import _discovered
from harness.store import Store
from harness.train.checkpoint import Checkpoints


def test_a_run_leaves_a_record_predictions_epochs_and_weights(
    make_specs, write_plugin, linear, execute
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    record, events = execute(spec)
    store = Store(Path(spec.store))
    assert record.status == "done"
    assert store.find(spec) == record
    assert sorted(
        path.name for path in store.run_folder(spec).iterdir() if path.name != ".lock"
    ) == [
        "epochs.jsonl",
        "model.safetensors",
        "predictions.npz",
        "record.json",
        "train_predictions.npz",
    ]
    assert [epoch.epoch for epoch in store.epochs(spec)] == [1, 2]
    stages = [event.text for event in events if event.kind == "stage"]
    assert stages == [
        "building the model",
        "reading the data",
        "trying the model",
        "training",
        "evaluating",
    ]


def test_the_records_figures_are_scikit_learns_on_the_saved_predictions(make_specs, tiny, execute):
    [spec] = make_specs("convnet", options=("epochs=3", "batch_size=16", "learning_rate=0.05"))
    record, _ = execute(spec)
    arrays = np.load(Store(Path(spec.store)).run_folder(spec) / "predictions.npz")
    for split in ("valid", "test"):
        labels, probabilities = arrays[f"{split}_labels"], arrays[f"{split}_probabilities"]
        assert labels.dtype == np.int64
        assert probabilities.dtype == np.float32
        np.testing.assert_array_equal(labels, np.load(tiny / f"{split}_labels.npy"))
        predicted, found = probabilities.argmax(1), getattr(record, split)
        assert found.accuracy == metrics.accuracy_score(labels, predicted)
        assert found.uar == pytest.approx(metrics.balanced_accuracy_score(labels, predicted))
        assert found.confusion == tuple(map(tuple, metrics.confusion_matrix(labels, predicted)))
    assert record.train.n == 96
    best = Store(Path(spec.store)).epochs(spec)[record.selected_epoch - 1]
    assert record.valid.accuracy == pytest.approx(best.valid_accuracy)


def test_the_record_holds_no_path_of_this_machine(
    make_specs, write_plugin, linear, tmp_path, execute
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    record, _ = execute(spec)
    assert str(tmp_path) not in record.to_json()
    assert str(Path.home()) not in record.to_json()
    assert record.command.startswith("harness run lin -p PATH/TO/lin.py")


@pytest.mark.parametrize("damage", ["no data", "checkpoint", "no plugin"])
def test_a_reason_of_the_harness_holds_no_path_of_this_machine(
    make_specs, write_plugin, linear, tmp_path, execute, damage
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    if damage == "no plugin":
        Path(spec.plugins[0]).unlink()
        _discovered.cache_clear()
        expected = "building the model: -p lin.py: there is no such plugin"
    elif damage == "no data":
        spec = spec.model_copy(update={"data": str(tmp_path / "nowhere")})
        expected = "reading the data: nowhere does not exist"
    else:
        folder = Store(Path(spec.store)).run_folder(spec)
        folder.mkdir(parents=True)
        (folder / "checkpoint.pt").write_text("half")
        expected = f"training: results/runs/tiny/lin/0-{spec.key[:12]}/checkpoint.pt cannot be read"
    record, _ = execute(spec)
    assert record.status == "failed"
    assert record.reason.startswith(expected)
    assert str(tmp_path) not in record.to_json()


def test_a_run_whose_epochs_are_gone_does_not_go_on_without_them(
    make_specs, write_plugin, linear, monkeypatch, execute
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    monkeypatch.setattr(Store, "save", lambda self, record: None)
    monkeypatch.setattr("harness.execute.run.Checkpoints.discard", lambda self: None)
    execute(spec)
    monkeypatch.undo()
    store = Store(Path(spec.store))
    store.cut_epochs(spec, 1)
    record, _ = execute(spec)
    assert record.status == "failed"
    assert record.reason == (
        "training: epochs.jsonl has 1 of the 2 epochs that checkpoint.pt has seen; remove both to "
        "train from the start"
    )


def test_a_run_that_goes_on_after_its_last_epoch_predicts_what_it_would_have(
    make_specs, write_plugin, monkeypatch, execute
):
    """Even a model that draws numbers as it predicts."""
    body = (
        "import torch\n"
        "class Noisy(torch.nn.Linear):\n"
        "    def forward(self, images):\n"
        "        return super().forward(images.flatten(1)) + torch.rand(len(images), 3)\n"
        "import math\n"
        "return Noisy(math.prod(input_shape), 3)"
    )
    options = ("epochs=2", "batch_size=32", "augment=none", "tta=none|flip")
    specs = make_specs("noisy", plugins=(write_plugin("noisy", body),), options=options)
    store, found = Store(Path(specs[0].store)), []
    # As if it were killed with its record not yet there.
    monkeypatch.setattr(Store, "save", lambda self, record: None)
    monkeypatch.setattr(Checkpoints, "discard", lambda self: None)
    # With views, the plain figures are those of the same weights without.
    for spec in (specs[0], specs[0], specs[1]):
        execute(spec)
        found.append(read_predictions(store.run_folder(spec))["test_probabilities"])
    assert all(np.array_equal(found[0], one) for one in found)


def test_costs_come_from_the_run(make_specs, execute):
    [spec] = make_specs("convnet")
    record, _ = execute(spec)
    epochs = Store(Path(spec.store)).epochs(spec)
    assert record.cost.train_seconds == pytest.approx(sum(e.train_seconds for e in epochs))
    rates = [96 / epoch.train_seconds for epoch in epochs]
    assert record.cost.train_images_per_second_end_to_end == pytest.approx(np.median(rates))
    # The peak of a process that runs others too says nothing of this run.
    assert record.cost.peak_memory_bytes is None


def test_a_model_says_itself_what_it_does_not_support(make_specs, write_plugin, linear, execute):
    extra = "supports=lambda shape, classes: f'only {classes + 1} classes'"
    [spec] = make_specs("picky", plugins=(write_plugin("picky", linear, extra),))
    record, _ = execute(spec)
    assert (record.status, record.reason) == ("unsupported", "only 4 classes")


def test_a_model_is_evaluated_as_built_with_no_epochs(make_specs, write_plugin, execute):
    body = (
        "import torch\n"
        "class Constant(torch.nn.Module):\n"
        "    def forward(self, images):\n"
        "        return torch.eye(3)[1].expand(len(images), 3)\n"
        "return Constant()"
    )
    extra = "pretrained='ImageNet-1k'"
    path = write_plugin("constant", body, extra)
    [spec] = make_specs("constant", plugins=(path,), options=("epochs=0",))
    record, _ = execute(spec)
    assert (record.status, record.selected_epoch) == ("done", 0)
    assert record.test.accuracy == pytest.approx(1 / 3)
    assert record.test.recall["right"].recall == 1
    assert record.protocol.pretrained == "ImageNet-1k"


def test_data_that_changed_since_the_plan_is_not_used(
    make_specs, write_plugin, linear, tiny, execute
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    card = spec.dataset.model_copy(update={"fingerprint": "0" * 64})
    record, _ = execute(spec.model_copy(update={"dataset": card}))
    assert record.status == "failed"
    assert "changed while it was being used" in record.reason


def test_a_run_that_another_process_holds_is_left_alone(
    make_specs, write_plugin, linear, monkeypatch, execute
):
    monkeypatch.setattr("harness.store.LOCK_SECONDS", 0.1)
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    store = Store(Path(spec.store))
    with store.lock(spec):
        record, _ = execute(spec)
    assert "is held by another process" in record.reason
    assert store.find(spec) is None


def test_a_run_may_set_every_field_of_its_recipe(make_specs, execute):
    words = (
        "epochs=6 batch_size=16 optimizer=AdamW learning_rate=0.001 weight_decay=0.01 "
        "weight_decay_on=matrices gradient_clipping=1 schedule=cosine warmup=0.5 early_stopping=2 "
        "ema_decay=0.5 label_smoothing=0.1 class_weights=balanced sampling=balanced mixup=0.2 "
        "cutmix=1 augment=flip"
    )
    [spec] = make_specs("convnet", options=tuple(words.split()))
    record, _ = execute(spec)
    assert record.status == "done"
    assert record.recipe.mixup == 0.2
    epochs = Store(Path(spec.store)).epochs(spec)
    # The record says by its lines how many epochs were trained.
    assert len(epochs) in {record.selected_epoch + 2, 6}
    assert record.valid.accuracy == pytest.approx(epochs[record.selected_epoch - 1].valid_accuracy)
    assert epochs[0].learning_rate == pytest.approx(0.001 / 3)


def test_a_named_recipe_is_chosen_by_its_name(make_specs, write_plugin, linear, execute):
    extra = "recipes={'strong': Recipe(epochs=1, ema_decay=0.9, schedule='one-cycle')}"
    path = write_plugin("lin", linear, extra)
    [spec] = make_specs("lin", plugins=(path,), recipes=("strong",), options=())
    record, _ = execute(spec)
    assert (record.status, record.recipe_name) == ("done", "strong")
    assert (record.recipe.ema_decay, record.recipe.schedule) == (0.9, "one-cycle")


def test_batches_are_told_of_once_an_epoch_and_then_rarely(make_specs, monkeypatch, execute):
    [spec] = make_specs("convnet", options=("epochs=2", "batch_size=8"))
    monkeypatch.setattr("harness.execute.run.SECONDS_BETWEEN_BATCHES", 3600)
    _, events = execute(spec)
    told = [event for event in events if event.kind == "batch"]
    assert [event.number for event in told] == [1, 2]
    monkeypatch.setattr("harness.execute.run.SECONDS_BETWEEN_BATCHES", -1)
    [other] = make_specs("convnet", options=("epochs=1", "batch_size=8"))
    _, events = execute(other)
    assert len([event for event in events if event.kind == "batch"]) == 12


def test_code_that_changed_since_the_plan_is_not_run(make_specs, write_plugin, linear, execute):
    path = write_plugin("lin", linear)
    [spec] = make_specs("lin", plugins=(path,))
    path.write_text(path.read_text() + "\n# Another word.\n")
    record, _ = execute(spec)
    assert record.status == "failed"
    assert "the code of plugin" in record.reason
    assert "changed while it was being used" in record.reason


def test_a_run_that_finished_meanwhile_is_not_made_again(make_specs, write_plugin, linear, execute):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    record, _ = execute(spec)
    again, events = execute(spec)
    assert (again, events) == (record, [])


def test_until_the_record_is_saved_a_run_can_go_on(
    make_specs, write_plugin, linear, monkeypatch, execute
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))

    def refuse(self, record):
        raise StoreError("the disk is full")

    monkeypatch.setattr(Store, "save", refuse)
    assert execute(spec)[0].status == "failed"
    assert Store(Path(spec.store)).checkpointed(spec)
    monkeypatch.undo()
    record, events = execute(spec)
    assert record.status == "done"
    assert [event.number for event in events if event.kind == "resumed"] == [2]
    assert not Store(Path(spec.store)).checkpointed(spec)


def test_a_process_that_found_all_epochs_finished_tells_no_peak_of_memory(
    make_specs, write_plugin, linear, monkeypatch
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))

    def refuse(*_):
        raise OSError("no room")

    monkeypatch.setattr("harness.execute.run.judge", refuse)
    assert execute_run(spec, print, own_process=True).status == "failed"
    monkeypatch.undo()
    record = execute_run(spec, print, own_process=True)
    assert record.status == "done"
    assert record.cost.peak_memory_bytes is None
    [other] = make_specs("lin", plugins=(write_plugin("lin", linear),), seeds=(1,))
    assert execute_run(other, print, own_process=True).cost.peak_memory_bytes > 0


CACHING = """\
from torch import linspace, nn

class Masked(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer, self.mask = layer, None

    def forward(self, images):
        if self.mask is None:
            self.mask = linspace(0, 1, images.shape[-1])
        return self.layer((images * self.mask).flatten(1))

channels, height, width = input_shape
return Masked(nn.Linear(channels * height * width, num_classes))
"""


def test_what_a_module_keeps_of_its_first_pass_is_fit_for_training(
    make_specs, write_plugin, execute
):
    [spec] = make_specs("masked", plugins=(write_plugin("masked", CACHING),))
    record, _ = execute(spec)
    assert (record.status, record.reason) == ("done", None)


def test_what_cannot_be_read_is_not_written_over(make_specs, write_plugin, linear, execute):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    path = Store(Path(spec.store)).run_folder(spec) / "record.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"schema_version": 99}')
    record, events = execute(spec)
    assert record.status == "failed"
    assert "record.json is no RunRecord" in record.reason
    assert path.read_text() == '{"schema_version": 99}'
    assert events == []


def test_a_seed_decides_how_a_network_begins(make_specs, write_plugin, linear, execute):
    path = write_plugin("lin", linear)
    specs = make_specs("lin", plugins=(path,), seeds=(0, 1), options=("epochs=0",))
    one, two = (execute(spec)[0].valid.nll for spec in specs)
    assert one != two


ALIKE = """\
import math
from torch import nn
layer = nn.Linear(math.prod(input_shape), num_classes)
nn.init.zeros_(layer.weight)
nn.init.zeros_(layer.bias)
return nn.Sequential(nn.Flatten(), layer)
"""


def test_a_seed_decides_in_which_order_images_come(make_specs, write_plugin, execute):
    """Of networks that begin alike, the trained weights differ for that alone."""
    weights = []
    for spec in make_specs("alike", plugins=(write_plugin("alike", ALIKE),), seeds=(0, 1)):
        assert execute(spec)[0].status == "done"
        folder = Store(Path(spec.store)).run_folder(spec)
        weights.append(load_file(folder / "model.safetensors")["1.weight"])
    assert not torch.equal(*weights)


@pytest.mark.parametrize("run", [partial(execute_run, own_process=False), execute_robustness])
def test_ctrl_c_within_a_model_is_no_failure_of_it(make_specs, write_plugin, run):
    [spec] = make_specs("stops", plugins=(write_plugin("stops", "raise KeyboardInterrupt"),))
    with pytest.raises(KeyboardInterrupt):
        run(spec, lambda event: None)
    assert Store(Path(spec.store)).find(spec) is None


def test_a_folder_that_is_removed_meanwhile_is_a_reason_without_its_place(
    make_specs, write_plugin, linear, tmp_path
):
    [spec] = make_specs("lin", plugins=(write_plugin("lin", linear),))
    folder = Store(Path(spec.store)).run_folder(spec)

    def emit(event):
        if event.kind == "batch":
            shutil.rmtree(folder, ignore_errors=True)

    record = execute_run(spec, emit, own_process=False)
    assert record.status == "failed"
    assert record.reason.startswith("training: cannot write results/runs/tiny/lin/")
    assert str(tmp_path) not in record.to_json()
