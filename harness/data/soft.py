"""Annotators' votes as targets of training: the share of each class among an image's votes."""

import numpy as np
import numpy.typing as npt

from harness.data.class_names import canonical
from harness.data.splits import Split, Splits
from harness.errors import DataError

SoftTargets = npt.NDArray[np.float32]


def soft_targets(splits: Splits, split: str) -> SoftTargets:
    """Return each class's share of the votes on each image of ``split``, ``(N, classes)``.

    Columns of votes belong to classes by name, "happiness" to "happy"; votes for anything else are
    left out, so that rows sum to 1. Where no vote is left, the label has it all. Raises `DataError`
    as `check_votes_for_training` does.
    """
    columns = check_votes_for_training(splits)
    part: Split = getattr(splits, split)
    assert part.votes is not None  # As was checked.
    votes = part.votes[:, columns].astype(np.float64)
    total = votes.sum(axis=1, keepdims=True)
    hard = hard_targets(part.labels, splits.num_classes)
    return np.where(total > 0, votes / np.maximum(total, 1), hard).astype(np.float32)


def hard_targets(labels: npt.NDArray[np.integer], classes: int) -> SoftTargets:
    """Return all of each target for the label ``(N, classes)``."""
    return np.asarray(np.eye(classes, dtype=np.float32)[labels])


def taught(targets: SoftTargets, teachers: SoftTargets, share: float) -> SoftTargets:
    """Return targets ``(N, classes)`` of which the teachers' prediction has this share.

    After Hinton, Vinyals and Dean 2015 (arXiv:1503.02531), at their temperature 1.
    """
    return (share * teachers + (1 - share) * targets).astype(np.float32)


def check_votes_for_training(splits: Splits) -> list[int]:
    """Return the column of votes of each class; raises `DataError` where one has none."""
    advice = "set targets=labels"
    if not splits.vote_names:
        raise DataError(
            f"targets=votes needs annotators' votes, and data set {splits.name!r} has none; "
            f"prepare FER-2013 with --ferplus fer2013new.csv, or {advice}"
        )
    columns = {canonical(name): column for column, name in enumerate(splits.vote_names)}
    missing = [name for name in splits.classes if canonical(name) not in columns]
    if missing:
        raise DataError(
            f"targets=votes needs votes for each class, and data set {splits.name!r} has none for "
            f"{', '.join(missing)}, found votes for {', '.join(splits.vote_names)}; {advice}"
        )
    return [columns[canonical(name)] for name in splits.classes]
