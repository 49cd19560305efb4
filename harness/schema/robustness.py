"""The record of robustness: one run's accuracy on corrupted test images, by kind and strength."""

from harness.schema.base import Document, Frozen

# Raised whenever a corruption changes a pixel: records of another version are made again.
CORRUPTIONS_VERSION = 1


class StrengthResult(Frozen):
    """Accuracy at one ``strength``, 1 the mildest; ``value`` is the corruption's parameter there.

    ``correct`` counts the images, of the record's ``n``, that were classified rightly.
    """

    strength: int
    value: float
    correct: int
    accuracy: float


class CorruptionResult(Frozen):
    """Accuracy under one corruption; ``parameter`` is what its strength sets, in ``unit``."""

    name: str
    parameter: str
    unit: str
    strengths: tuple[StrengthResult, ...]

    @property
    def accuracy(self) -> float:
        """The mean accuracy over the strengths, 0–1."""
        return sum(one.accuracy for one in self.strengths) / len(self.strengths)


class RobustnessRecord(Document):
    """How far a run's accuracy on the test images falls when they are corrupted.

    ``key`` is the run's, ``version`` and ``seed`` are those of the corruptions. The selected
    weights are used as they are, without test-time augmentation. ``mean_accuracy`` is the mean
    over all corruptions and strengths; ``relative_loss`` is (uncorrupted − mean) / uncorrupted,
    None where no uncorrupted image was classified rightly. ``libraries`` are the versions that drew
    the corruptions.
    """

    key: str
    version: int
    seed: int
    n: int
    uncorrupted_correct: int
    uncorrupted_accuracy: float
    corruptions: tuple[CorruptionResult, ...]
    mean_accuracy: float
    relative_loss: float | None
    seconds: float
    libraries: dict[str, str]
    evaluated_at: str
