import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from harness.schema import Recipe
from harness.train.loss import balanced_weights, make_loss

LABELS = np.array([0] * 10 + [1] * 5 + [3])
COUNTS = torch.tensor([10, 5, 0, 1])
LOGITS = torch.randn(16, 4, generator=torch.Generator().manual_seed(0))


def test_balanced_weights_are_scikit_learns_and_0_for_a_class_without_images() -> None:
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=LABELS)
    found = balanced_weights(COUNTS)
    assert found[[0, 1, 3]].tolist() == pytest.approx(expected)
    assert found[2] == 0


def test_class_weights_make_the_loss_the_mean_over_classes() -> None:
    labels = torch.from_numpy(LABELS)
    found = make_loss(Recipe(class_weights="balanced"), COUNTS)(LOGITS, labels)
    each = functional.cross_entropy(LOGITS, labels, reduction="none")
    expected = torch.stack([each[labels == label].mean() for label in (0, 1, 3)]).mean()
    torch.testing.assert_close(found, expected)
    plain = make_loss(Recipe(), COUNTS)(LOGITS, labels)
    torch.testing.assert_close(plain, each.mean())
    assert abs(float(found - plain)) > 0.01


def test_without_counts_the_classes_weigh_the_same() -> None:
    labels = torch.from_numpy(LABELS)
    weighted = make_loss(Recipe(class_weights="balanced"))(LOGITS, labels)
    assert torch.equal(weighted, make_loss(Recipe())(LOGITS, labels))


def test_label_smoothing_reaches_the_loss() -> None:
    logits, labels = torch.tensor([[5.0, 0.0]]), torch.tensor([0])
    plain = float(make_loss(Recipe())(logits, labels))
    smooth = float(make_loss(Recipe(label_smoothing=0.2))(logits, labels))
    assert smooth == pytest.approx(plain + 0.1 * 5)
