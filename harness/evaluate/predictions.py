"""What a run predicted: `predictions.npz`, from which every figure can be had again, and more."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.damage import DAMAGE
from harness.errors import StoreError
from harness.evaluate.metrics import confusion_counts
from harness.files import whole
from harness.schema import Metrics, RunRecord

FILE = "predictions.npz"
TRAINING = "train_predictions.npz"
MOST_TRAINING_BYTES = 2**28
NEEDED = {"valid_probabilities", "valid_labels", "test_probabilities", "test_labels"}
# The kinds of numpy's types that arrays of such names have.
KINDS = {"probabilities": "f", "labels": "iu", "clean": "b", "agreement": "f"}
Predictions = Mapping[str, NDArray[Any]]


def save_predictions(folder: Path, predictions: Predictions) -> None:
    """Write the arrays into ``folder``, at once or not at all.

    Raises `StoreError` where that cannot be.
    """
    _save(folder / FILE, predictions)


def _save(path: Path, arrays: Predictions) -> None:
    try:
        with whole(path) as hidden, hidden.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise StoreError(
            f"cannot write {path} ({error.strerror or error}); is the disk full?"
        ) from error


def save_training(folder: Path, probabilities: NDArray[Any]) -> None:
    """Write what is predicted of the training images ``(N, classes)``, in 16 bits, for students.

    Nothing is written of more than `MOST_TRAINING_BYTES`: few will learn from such a run, and all
    have the file. Raises `StoreError` where it cannot be written.
    """
    small = probabilities.astype(np.float16)
    if small.nbytes <= MOST_TRAINING_BYTES:
        _save(folder / TRAINING, {"probabilities": small})


def read_training(folder: Path, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return what a run predicts of the training images, of the ``shape`` (N, classes).

    Raises `StoreError` where it is missing, damaged or of another shape.
    """
    path = folder / TRAINING
    try:
        with path.open("rb") as file:
            found = np.asarray(np.load(file, allow_pickle=False)["probabilities"])
    except (*DAMAGE, KeyError, IndexError) as error:
        raise StoreError(
            f"{path} cannot be read: it is missing (an earlier version kept none) or damaged; "
            "`harness run --force` makes the run again"
        ) from error
    if found.dtype != np.float16 or found.shape != shape or not np.isfinite(found).all():
        raise StoreError(
            f"{path} holds {found.dtype} {found.shape}, expected finite float16 {shape}; "
            "`harness run --force` makes the run again"
        )
    return found.astype(np.float32)


def read_predictions(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays by name. Raises `StoreError` where they are missing or damaged."""
    path = folder / FILE
    try:
        # numpy leaves a damaged archive open.
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            # Of another kind of file numpy returns an array, of a member that is none its bytes.
            members = {name: loaded[name] for name in getattr(loaded, "files", ())}
            found = {name: one for name, one in members.items() if isinstance(one, np.ndarray)}
    except DAMAGE as error:
        raise StoreError(
            f"{path} cannot be read: it is missing, damaged or holds Python objects; "
            "`harness run --force` makes the run again"
        ) from error
    missing = sorted(NEEDED - found.keys())
    if missing:
        raise StoreError(f"{path} lacks {', '.join(missing)}; remove its folder to run it again")
    for name, array in found.items():
        kinds = next((kinds for part, kinds in KINDS.items() if part in name), array.dtype.kind)
        if array.dtype.kind not in kinds:
            raise StoreError(
                f"{path} has {name} of the type {array.dtype}; remove its folder to run it again"
            )
    return found


def why_unfit(
    metrics: Metrics | None,
    split: str,
    classes: int,
    probabilities: NDArray[Any] | None,
    labels: NDArray[Any] | None,
    predicted: Callable[[], NDArray[Any]],
) -> str:
    """Say why predictions are not those of which a record has metrics; empty where they are.

    ``split`` is its name in a sentence, "test" or "validation"; ``probabilities`` are ``(N,
    classes)``, ``labels`` ``(N,)``; ``predicted`` returns the likeliest classes ``(N,)`` and is
    asked once the shapes are right.
    """
    if metrics is None or probabilities is None or labels is None:
        return "there are no predictions"
    shapes = probabilities.shape, labels.shape
    if not metrics.n or shapes != ((metrics.n, classes), (metrics.n,)):
        return f"the predictions are not of the record's {split} images"
    if labels.min() < 0 or labels.max() >= classes:
        return f"the {split} labels are not those of the record's classes"
    if not np.isfinite(probabilities).all():
        return f"the {split} predictions are not finite numbers throughout"
    chosen = predicted()
    if int(np.sum(chosen == labels)) != round(metrics.accuracy * metrics.n):
        return f"the predictions do not give the record's {split} accuracy"
    # Two seeds may well have the same accuracy, and hardly ever the same mistakes.
    if not np.array_equal(confusion_counts(labels, chosen, classes), metrics.confusion):
        return f"the predictions do not give the record's {split} confusion matrix"
    return ""


def fitting_mask(
    record: RunRecord,
    mask: NDArray[np.bool_] | None,
    labels: NDArray[Any],
    predicted: NDArray[Any],
) -> NDArray[np.bool_] | None:
    """Return which test images are clean, where the record's figures on those are of them.

    ``mask`` is ``test_clean`` as a run left it; ``labels`` and ``predicted`` are classes ``(N,)``.
    None where there are none, or the record was judged by another audit.
    """
    if mask is None or record.test_clean is None or mask.shape != labels.shape:
        return None
    counts = confusion_counts(labels[mask], predicted[mask], len(record.dataset.classes))
    return mask if np.array_equal(counts, record.test_clean.confusion) else None


def clean_mask(indices: NDArray[np.integer[Any]], n: int) -> NDArray[np.bool_]:
    """Return ``test_clean``: bool ``(n,)``, true at the indices of the clean test images."""
    mask = np.zeros(n, dtype=bool)
    mask[indices] = True
    return mask
