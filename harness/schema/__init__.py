"""What is written to disk: frozen, validated, versioned types. Imports neither numpy nor torch."""

from harness.schema.base import Document, Frozen, explain
from harness.schema.event import Event
from harness.schema.manifest import Manifest, Source
from harness.schema.recipe import Augment, Recipe
from harness.schema.run import (
    ClassRecall,
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    Metrics,
    PluginCard,
    Protocol,
    RunRecord,
    RunSpec,
    Status,
)
from harness.schema.speed import Rate, SpeedRecord

__all__ = [
    "Augment",
    "ClassRecall",
    "Cost",
    "DatasetCard",
    "Document",
    "Environment",
    "Epoch",
    "Event",
    "Frozen",
    "Manifest",
    "Metrics",
    "PluginCard",
    "Protocol",
    "Rate",
    "Recipe",
    "RunRecord",
    "RunSpec",
    "Source",
    "SpeedRecord",
    "Status",
    "explain",
]
