"""What a list of runs shows of a record: a twentieth of it, read ten times as fast."""

from pydantic import ConfigDict, Field

from harness.schema.base import Document, Frozen
from harness.schema.run import Status, Value


class _Part(Frozen):
    """A part of a record of which only some fields are asked for."""

    model_config = ConfigDict(extra="ignore")


class RecipeSummary(_Part):
    """How long a recipe trains."""

    epochs: int


class DatasetSummary(_Part):
    """Which data set it was."""

    name: str


class MetricsSummary(_Part):
    """The accuracy on one split, 0–1."""

    accuracy: float


class CostSummary(_Part):
    """How long training took, in seconds."""

    train_seconds: float | None = None


class RunSummary(Document):
    """Fields of `RunRecord`, under its names; nothing is said of the fields that are left out.

    That all of a record is valid is seen where all of it is read.
    """

    model_config = ConfigDict(extra="ignore")

    key: str
    model: str
    arguments: dict[str, Value] = Field(default_factory=dict)
    recipe_name: str = "default"
    overrides: dict[str, Value] = Field(default_factory=dict)
    recipe: RecipeSummary
    seed: int
    status: Status
    reason: str | None = None
    dataset: DatasetSummary
    valid: MetricsSummary | None = None
    test: MetricsSummary | None = None
    cost: CostSummary | None = None
    finished_at: str
