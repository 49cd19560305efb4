from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from harness.data.splits import open_splits
from harness.errors import RunError
from harness.evaluate import predict
from harness.tensors.batches import Batches, load_batches
from harness.tensors.device import Policy

FLOAT = Policy("cpu", "float32", 1)


@pytest.fixture
def batches(tiny: Path) -> Batches:
    return load_batches(open_splits(tiny), torch.device("cpu"))["test"]


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(256, 3))


def test_probabilities_are_the_softmax_of_the_logits(batches: Batches) -> None:
    module = linear()
    images, _ = next(batches.in_order(len(batches)))
    with torch.no_grad():
        expected = functional.softmax(module(images), dim=1).numpy()
    found = predict.predict_probabilities(module, batches, FLOAT)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


def test_every_image_counts_whatever_the_batch_size(batches: Batches, monkeypatch) -> None:
    module = linear()
    whole = predict.predict_probabilities(module, batches, FLOAT)
    monkeypatch.setattr(predict, "BATCH_SIZE", 7)
    parts = predict.predict_probabilities(module, batches, FLOAT)
    assert len(parts) == len(batches) == 45
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_dropout_is_off_and_batch_norm_uses_its_running_statistics(batches: Batches) -> None:
    module = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Dropout(0.9), nn.Linear(256, 3))
    module.train()
    once = predict.predict_probabilities(module, batches, FLOAT)
    again = predict.predict_probabilities(module, batches, FLOAT)
    np.testing.assert_array_equal(once, again)
    assert float(module[0].running_mean) == 0


def test_loss_and_accuracy_are_those_of_torch(batches: Batches) -> None:
    module = linear()
    images, labels = next(batches.in_order(len(batches)))
    with torch.no_grad():
        logits = module(images)
    loss, accuracy = predict.loss_and_accuracy(module, batches, FLOAT)
    assert loss == pytest.approx(float(functional.cross_entropy(logits, labels)), rel=1e-5)
    assert accuracy == pytest.approx(float((logits.argmax(1) == labels).float().mean()))


def test_logits_that_are_not_finite_end_the_run(batches: Batches) -> None:
    module = linear()
    nn.init.constant_(module[1].bias, float("nan"))
    with pytest.raises(RunError, match="not finite"):
        predict.predict_probabilities(module, batches, FLOAT)
    with pytest.raises(RunError, match="not finite"):
        predict.check_output(module, batches, FLOAT, 3)


class Squeezing(nn.Linear):
    """As many write it behind a global pool: of a batch of one image, the batch goes too."""

    def __init__(self) -> None:
        super().__init__(256, 3)

    def forward(self, images):
        return super().forward(images.flatten(1)[:, :, None, None].squeeze())


@pytest.mark.parametrize(
    ("module", "found"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(256, 5)), r"\(2, 3\), it returned \(2, 5\)"),
        (nn.Identity(), r"it returned \(2, 1, 16, 16\)"),
        (nn.MaxPool2d(2, return_indices=True), "it returned tuple"),
        (Squeezing(), r"\(1, 3\), it returned \(3,\)"),
    ],
)
def test_a_wrong_output_is_named_before_training(batches, module, found) -> None:
    with pytest.raises(RunError, match=found):
        predict.check_output(module, batches, FLOAT, 3)
    predict.check_output(linear(), batches, FLOAT, 3)
