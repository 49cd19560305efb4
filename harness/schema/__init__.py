"""What is written to disk: frozen, validated, versioned types. Imports neither numpy nor torch."""

from harness.schema.audit import (
    Audit,
    AuditCard,
    AuditedImage,
    Conflicts,
    TwinCounts,
    TwinGroup,
    TwinPair,
)
from harness.schema.base import Document, Frozen, explain
from harness.schema.event import Event
from harness.schema.manifest import Manifest, Source, VoteFiles
from harness.schema.quality import (
    AgreementShare,
    Calibrated,
    Calibration,
    ClassRecall,
    Metrics,
    ReliabilityBin,
)
from harness.schema.recipe import Augment, Recipe
from harness.schema.run import (
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    PluginCard,
    Protocol,
    RunRecord,
    RunSpec,
    Status,
)
from harness.schema.speed import Rate, SpeedRecord

__all__ = [
    "AgreementShare",
    "Audit",
    "AuditCard",
    "AuditedImage",
    "Augment",
    "Calibrated",
    "Calibration",
    "ClassRecall",
    "Conflicts",
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
    "ReliabilityBin",
    "RunRecord",
    "RunSpec",
    "Source",
    "SpeedRecord",
    "Status",
    "TwinCounts",
    "TwinGroup",
    "TwinPair",
    "VoteFiles",
    "explain",
]
