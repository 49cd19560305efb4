"""What a model predicts for a split: probabilities, and loss with accuracy."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from harness.errors import RunError
from harness.tensors.batches import Batches
from harness.tensors.device import Policy

# Large enough to keep a processor busy, small enough for any memory.
BATCH_SIZE = 512


# Not in inference mode: what a module keeps of its first pass, a mask or a table, must be fit for
# the training that follows.
@torch.no_grad()
def predict_logits(module: nn.Module, batches: Batches, policy: Policy) -> Tensor:
    """Return the logits ``(N, classes)`` of a split as float32 on its device, in eval mode."""
    module.eval()
    logits = []
    for images, _ in batches.in_order(BATCH_SIZE):
        with policy.autocast():
            output = module(images.to(memory_format=torch.channels_last))
        logits.append(output.float())
    return torch.cat(logits)


def predict_probabilities(
    module: nn.Module, batches: Batches, policy: Policy
) -> NDArray[np.float32]:
    """Return the probabilities ``(N, classes)`` of a split, rows that sum to 1.

    Raises `RunError` where a logit is not finite.
    """
    logits = predict_logits(module, batches, policy)
    _check_finite(logits)
    probabilities: NDArray[np.float32] = functional.softmax(logits, dim=1).cpu().numpy()
    return probabilities


def loss_and_accuracy(module: nn.Module, batches: Batches, policy: Policy) -> tuple[float, float]:
    """Return the mean cross-entropy (nats) and the accuracy (0–1) on a split."""
    logits = predict_logits(module, batches, policy)
    loss = functional.cross_entropy(logits, batches.labels)
    accuracy = (logits.argmax(dim=1) == batches.labels).float().mean()
    return float(loss), float(accuracy)


@torch.no_grad()
def check_output(module: nn.Module, batches: Batches, policy: Policy, num_classes: int) -> None:
    """Raise `RunError` unless two images give finite logits ``(2, num_classes)``, and one as many.

    One, as a last batch may have: a model that squeezes its output loses the batch with it.
    """
    module.eval()
    both, _ = next(batches.in_order(2))
    for images in (both, both[:1]):
        with policy.autocast():
            output = module(images.to(memory_format=torch.channels_last))
        expected = (len(images), num_classes)
        if not isinstance(output, Tensor) or tuple(output.shape) != expected:
            found = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise RunError(f"the model must return logits of shape {expected}, it returned {found}")
        _check_finite(output)


def _check_finite(logits: Tensor) -> None:
    if not bool(torch.isfinite(logits).all()):
        raise RunError("the model returned logits that are not finite (NaN or infinity)")
