"""The quality fields of a record, all from the predictions that a run left."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from harness.evaluate.agreement import accuracy_by_agreement
from harness.evaluate.calibration import calibrate
from harness.evaluate.metrics import evaluate

SPLITS = ("valid", "test", "test_clean")
FIELDS = (*SPLITS, *(f"{split}_tta" for split in SPLITS), "calibration")


def assess(
    predictions: Mapping[str, NDArray[Any]],
    classes: Sequence[str],
) -> dict[str, Any]:
    """Return all of `FIELDS` and ``agreement``, with None or () for what predictions do not allow.

    ``predictions`` are the arrays of ``predictions.npz``; where those of test-time augmentation
    are among them, there are the fields that end in ``_tta``. With ``test_clean``, bool ``(N,)``,
    there is ``test_clean``, unless no image is; with ``test_agreement`` there is ``agreement``, of
    the plain predictions.
    """
    clean = predictions.get("test_clean")
    fields: dict[str, Any] = dict.fromkeys(FIELDS) | {"agreement": ()}
    for split in ("valid", "test"):
        labels = predictions[f"{split}_labels"]
        for suffix in ("", "_tta"):
            probabilities = predictions.get(f"{split}_probabilities{suffix}")
            if probabilities is None:
                continue
            fields[f"{split}{suffix}"] = evaluate(probabilities, labels, classes)
            if split == "test" and clean is not None and clean.any():
                fields[f"test_clean{suffix}"] = evaluate(
                    probabilities[clean], labels[clean], classes
                )
    fields["calibration"] = calibrate(
        predictions["valid_probabilities"],
        predictions["valid_labels"],
        predictions["test_probabilities"],
        predictions["test_labels"],
    )
    if "test_agreement" in predictions:
        fields["agreement"] = accuracy_by_agreement(
            predictions["test_probabilities"],
            predictions["test_labels"],
            predictions["test_agreement"],
        )
    return fields
