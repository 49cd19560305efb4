"""What a trained model predicts, saved and judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from harness.data.audit import read_clean
from harness.data.votes import VoteCounts
from harness.evaluate.agreement import agreement_of
from harness.evaluate.assess import assess
from harness.evaluate.metrics import evaluate
from harness.evaluate.predict import predict_probabilities
from harness.evaluate.views import predict_over_views
from harness.schema import RunSpec
from harness.tensors.batches import Batches
from harness.tensors.device import Policy


def judge(
    module: nn.Module,
    batches: Mapping[str, Batches],
    policy: Policy,
    spec: RunSpec,
    folder: Path,
    votes: VoteCounts | None = None,
) -> dict[str, Any]:
    """Return the quality fields of the run's record; ``predictions.npz`` is left in ``folder``.

    Valid's and test's predictions are saved, those on the training split only judged. Those over
    the views of test-time augmentation come beside the plain ones, never in their place. ``votes``
    are those of annotators on the test images.
    """
    training = batches["train"]
    of_train = evaluate(
        predict_probabilities(module, training, policy),
        training.labels.cpu().numpy(),
        spec.dataset.classes,
    )
    predictions = {}
    for split in ("valid", "test"):
        data = batches[split]
        predictions[f"{split}_probabilities"] = predict_probabilities(module, data, policy)
        predictions[f"{split}_labels"] = data.labels.cpu().numpy()
        if (tta := spec.recipe.tta) != "none":
            over_views = predict_over_views(module, data, policy, tta)
            predictions[f"{split}_probabilities_tta"] = over_views
    if votes is not None:
        predictions["test_agreement"] = agreement_of(votes)
    _save(predictions, folder / "predictions.npz")
    return {"train": of_train, **assess(predictions, spec.dataset.classes, _clean(spec))}


def _save(predictions: Mapping[str, np.ndarray], path: Path) -> None:
    temporary = path.with_name(".predictions.tmp.npz")
    np.savez(temporary, **predictions)  # type: ignore[arg-type]
    temporary.replace(path)


def _clean(spec: RunSpec) -> np.ndarray | None:
    """Return the indices of the test images without a twin in the training split."""
    if spec.audit is None or spec.audited is None:
        return None
    return read_clean(Path(spec.audited), spec.audit)
