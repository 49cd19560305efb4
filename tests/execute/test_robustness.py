"""A finished run's weights on corrupted images, in this process."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy.stats import zscore
from torch import nn

from harness.data.splits import open_splits
from harness.evaluate.corruptions import CORRUPTIONS, corrupt
from harness.execute import execute_robustness, execute_run
from harness.execute.build import build_module, find_plugin
from harness.schema import CORRUPTIONS_VERSION, Event, RobustnessRecord
from harness.store import Store
from harness.train.checkpoint import Checkpoints


def silently(event: Event) -> None:
    pass


def finished(specs):
    [spec] = specs
    record = execute_run(spec, silently, own_process=False)
    assert record.status == "done", record.reason
    return spec, Store(Path(spec.store)), record


@pytest.fixture
def trained(make_specs):
    """A trained convnet, its store and its record."""
    options = ("epochs=3", "batch_size=16", "learning_rate=0.05")
    return finished(make_specs("convnet", options=options))


def test_every_accuracy_is_that_of_the_loaded_weights_on_corrupted_images(trained, tiny):
    spec, store, _ = trained
    found = execute_robustness(spec, silently)
    module = build_module(find_plugin(spec), spec)
    module.load_state_dict(load_file(store.run_folder(spec) / "model.safetensors"))
    module.eval()
    images, labels = (np.load(tiny / f"test_{kind}.npy") for kind in ("images", "labels"))
    training = np.load(tiny / "train_images.npy") / 255

    def right(changed):
        scaled = (changed / 255 - training.mean()) / training.std()
        with torch.no_grad():
            logits = module(torch.from_numpy(scaled).float().unsqueeze(1))
        return int((logits.argmax(1).numpy() == labels).sum())

    assert found.uncorrupted_correct == right(images)
    accuracies = []
    for one in found.corruptions:
        for at in one.strengths:
            expected = right(corrupt(images, one.name, at.strength))
            assert at.correct == expected, (one.name, at.strength)
            assert at.accuracy == expected / len(labels)
            accuracies.append(at.accuracy)
    assert len(accuracies) == 45
    mean, clean = np.mean(accuracies), found.uncorrupted_accuracy
    assert found.mean_accuracy == pytest.approx(mean)
    assert found.relative_loss == pytest.approx((clean - mean) / clean)


def test_images_that_were_normalised_each_by_itself_are_so_again(make_specs, tiny):
    options = ("epochs=1", "batch_size=16", "normalize=image")
    spec, store, record = finished(make_specs("convnet", options=options))
    found = execute_robustness(spec, silently)
    assert found.uncorrupted_correct == round(record.test.accuracy * record.test.n)
    assert record.protocol.normalization == "mean and standard deviation of each image"
    module = build_module(find_plugin(spec), spec)
    module.load_state_dict(load_file(store.run_folder(spec) / "model.safetensors"))
    images = zscore(np.load(tiny / "test_images.npy").astype(float), axis=(1, 2))
    with torch.no_grad():
        logits = module.eval()(torch.from_numpy(images).float().unsqueeze(1))
    labels = np.load(tiny / "test_labels.npy")
    assert found.uncorrupted_correct == int((logits.argmax(1).numpy() == labels).sum())


def test_the_record_says_what_was_done_and_lies_beside_the_runs(trained):
    spec, store, run = trained
    found = execute_robustness(spec, silently)
    assert store.robustness(spec) == found
    written = (store.run_folder(spec) / "robustness.json").read_text()
    assert RobustnessRecord.model_validate_json(written) == found
    assert '"schema": 1' in written
    assert (found.key, found.version, found.n) == (spec.key, CORRUPTIONS_VERSION, 45)
    assert found.uncorrupted_accuracy == run.test.accuracy
    assert found.libraries.keys() == {"numpy", "pillow", "scipy"}
    assert found.seconds > 0
    for one, corruption in zip(found.corruptions, CORRUPTIONS.values(), strict=True):
        assert (one.name, one.parameter, one.unit) == (
            corruption.name,
            corruption.parameter,
            corruption.unit,
        )
        assert tuple(at.value for at in one.strengths) == corruption.values


def test_it_tells_of_every_corruption_and_how_far_it_is(trained):
    spec, _, _ = trained
    events: list[Event] = []
    execute_robustness(spec, events.append)
    told = [event for event in events if event.kind == "corruption"]
    assert len(told) == 45
    assert told[0].text == "gaussian noise, strength 1"
    fractions = [event.fraction for event in told]
    assert fractions == pytest.approx(np.arange(45) / 45)


def test_a_model_without_one_right_image_has_no_relative_loss(
    make_specs, write_plugin, tiny, tmp_path
):
    body = (
        "import torch\n"
        "class Wrong(torch.nn.Module):\n"
        "    def forward(self, images):\n"
        "        return torch.eye(num_classes)[-1].expand(len(images), -1)\n"
        "return Wrong()"
    )
    folder = shutil.copytree(tiny, tmp_path / "four")
    (folder / "classes.txt").write_text("left\nright\nup\nnever\n")
    [spec] = make_specs("wrong", plugins=(write_plugin("wrong", body),), options=("epochs=0",))
    card = open_splits(folder).card()
    spec, _, record = finished([spec.model_copy(update={"data": str(folder), "dataset": card})])
    assert record.test.accuracy == 0
    found = execute_robustness(spec, silently)
    assert (found.uncorrupted_correct, found.mean_accuracy, found.relative_loss) == (0, 0, None)


def test_without_weights_it_says_so(trained):
    spec, store, _ = trained
    (store.run_folder(spec) / "model.safetensors").unlink()
    reason = execute_robustness(spec, silently)
    assert reason == (
        "reading the weights: the best weights (model.safetensors) are missing from its folder; "
        "`harness run` with --force makes the run again"
    )
    assert store.robustness(spec) is None


def test_weights_that_do_not_fit_are_not_said_to_be_missing(trained):
    spec, store, _ = trained
    Checkpoints(store.run_folder(spec)).save_best(nn.Linear(1, 1))
    reason = execute_robustness(spec, silently)
    assert reason.startswith("reading the weights: model.safetensors does not fit the model: ")
    assert "missing from" not in reason


def test_weights_of_another_run_are_noticed(trained, make_specs):
    spec, store, _ = trained
    # Another seed may get as many images right, and other ones.
    path = store.run_folder(spec) / "predictions.npz"
    arrays = dict(np.load(path))
    arrays["test_probabilities"] = np.roll(arrays["test_probabilities"], 1, axis=1)
    np.savez(path, **arrays)
    reason = execute_robustness(spec, silently)
    assert "they are not this run's" in reason


def test_a_run_without_a_result_is_not_evaluated(trained):
    spec, store, _ = trained
    (store.run_folder(spec) / "record.json").unlink()
    assert "the run has no result yet" in execute_robustness(spec, silently)


def test_damaged_weights_are_a_reason(trained):
    spec, store, _ = trained
    (store.run_folder(spec) / "model.safetensors").write_bytes(b"torn")
    reason = execute_robustness(spec, silently)
    assert reason.startswith("reading the weights: ")
    assert "\n" not in reason


def test_data_that_changed_is_not_used(trained):
    spec, _, _ = trained
    card = spec.dataset.model_copy(update={"fingerprint": "0" * 64})
    reason = execute_robustness(spec.model_copy(update={"dataset": card}), silently)
    assert "changed while it was being used" in reason


def test_a_model_that_fails_on_a_corruption_is_named_with_it(make_specs, write_plugin):
    body = (
        "import math, torch\n"
        "from torch import nn\n"
        "class Picky(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.head = nn.Linear(math.prod(input_shape), num_classes)\n"
        "    def forward(self, images):\n"
        "        if images.flatten(1).std(1).min() < 0.3:\n"
        "            raise ArithmeticError('too flat')\n"
        "        return self.head(images.flatten(1))\n"
        "return Picky()"
    )
    spec, store, _ = finished(make_specs("picky", plugins=(write_plugin("picky", body),)))
    reason = execute_robustness(spec, silently)
    assert "strength" in reason
    assert reason.endswith("ArithmeticError: too flat")
    assert store.robustness(spec) is None


NOISY = """\
import math, torch

class Noisy(torch.nn.Linear):
    def forward(self, images):
        return super().forward(images.flatten(1)) + torch.rand(len(images), 3)

return Noisy(math.prod(input_shape), 3)
"""
GROWING = """\
from torch import linspace, nn

class Growing(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, images):
        if not hasattr(self, "mask"):
            self.register_buffer("mask", linspace(0, 1, images.shape[-1]))
        return self.layer((images * self.mask).flatten(1))

channels, height, width = input_shape
return Growing(nn.Linear(channels * height * width, num_classes))
"""


@pytest.mark.parametrize("body", [NOISY, GROWING], ids=["noisy", "growing"])
def test_models_that_draw_or_set_themselves_up_as_they_predict_are_evaluated(
    make_specs, write_plugin, body
):
    options = ("epochs=1", "batch_size=32")
    path = write_plugin("odd", body)
    spec, _, record = finished(make_specs("odd", plugins=(path,), options=options))
    found = execute_robustness(spec, silently)
    assert isinstance(found, RobustnessRecord), found
    assert found.uncorrupted_correct == round(record.test.accuracy * record.test.n)
