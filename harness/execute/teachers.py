"""What the teachers of a run predict of the training images."""

import numpy as np

from harness.data.soft import SoftTargets
from harness.errors import RunError, StoreError
from harness.evaluate.predictions import TRAINING, read_training
from harness.schema import RunSpec
from harness.store import Store


def predicted_by_teachers(spec: RunSpec, store: Store) -> SoftTargets | None:
    """Return the mean of their probabilities ``(N, classes)``; None for a run without teachers.

    Raises `RunError` where a teacher has gone since the run was planned, or what it predicted.
    """
    if not spec.recipe.teachers:
        return None
    shape = spec.dataset.counts["train"], len(spec.dataset.classes)
    total: SoftTargets = np.zeros(shape, dtype=np.float32)
    for key in spec.recipe.teachers.split("+"):
        folder = next(iter(store.folders_of_key(key, TRAINING)), None)
        if folder is None:
            raise RunError(f"the run {key}, which was to be learned from, has gone")
        try:
            total += read_training(folder, shape)
        except StoreError as error:
            raise RunError(f"a run to learn from is not as it was: {error}") from error
    return np.asarray(total / total.sum(axis=1, keepdims=True))
