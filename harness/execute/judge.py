"""What a trained model predicts, saved and judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import nn

from harness.data.audit import read_clean
from harness.data.votes import VoteCounts
from harness.evaluate.agreement import agreement_of
from harness.evaluate.assess import assess
from harness.evaluate.metrics import evaluate
from harness.evaluate.predict import predict_probabilities
from harness.evaluate.predictions import clean_mask, save_predictions, save_training
from harness.evaluate.views import predict_over_views
from harness.schema import RunSpec
from harness.tensors.batches import Batches
from harness.tensors.device import Policy, seed_everything

PASSES = ("train", "valid", "test", "valid_tta", "test_tta")


def judge(
    module: nn.Module,
    batches: Mapping[str, Batches],
    policy: Policy,
    spec: RunSpec,
    folder: Path,
    votes: VoteCounts | None = None,
) -> dict[str, Any]:
    """Return the quality fields of the run's record; what is predicted is left in ``folder``.

    Valid's and test's predictions are what reports are made from, those on the training split what
    another run may learn from. Those over the views of test-time augmentation come beside the plain
    ones, never in their place. ``votes`` are those of annotators on the test images.
    """
    training = batches["train"]
    seed_pass(spec, "train")
    learned = predict_probabilities(module, training, policy)
    of_train = evaluate(learned, training.labels.cpu().numpy(), spec.dataset.classes)
    save_training(folder, learned)
    predictions: dict[str, NDArray[Any]] = {}
    for split in ("valid", "test"):
        data = batches[split]
        seed_pass(spec, split)
        predictions[f"{split}_probabilities"] = predict_probabilities(module, data, policy)
        predictions[f"{split}_labels"] = data.labels.cpu().numpy()
        if (tta := spec.recipe.tta) != "none":
            seed_pass(spec, f"{split}_tta")
            over_views = predict_over_views(module, data, policy, tta)
            predictions[f"{split}_probabilities_tta"] = over_views
    if votes is not None:
        predictions["test_agreement"] = agreement_of(votes)
    if spec.audit is not None and spec.audited is not None:
        clean = read_clean(Path(spec.audited), spec.audit)
        predictions["test_clean"] = clean_mask(clean, len(batches["test"]))
    save_predictions(folder, predictions)
    return {"train": of_train, **assess(predictions, spec.dataset.classes)}


def seed_pass(spec: RunSpec, what: str) -> None:
    """Let a model that draws as it predicts draw the same whatever came before.

    That is other epochs where a run goes on after its last one or takes weights over, and views.
    """
    seed_everything(spec.seed, spec.recipe.epochs + 1 + PASSES.index(what))
