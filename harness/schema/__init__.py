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
from harness.schema.bench import (
    BenchCase,
    BenchModel,
    BenchRecord,
    BenchResult,
    BenchSpec,
    Scenario,
)
from harness.schema.event import Emit, Event
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
from harness.schema.robustness import (
    CORRUPTIONS_VERSION,
    CorruptionResult,
    RobustnessRecord,
    StrengthResult,
)
from harness.schema.run import (
    STATUSES,
    Cost,
    DatasetCard,
    Environment,
    Epoch,
    PluginCard,
    Protocol,
    RunRecord,
    RunSpec,
    Status,
    device_kind,
    step_size,
)
from harness.schema.speed import Rate, SpeedRecord

__all__ = [
    "CORRUPTIONS_VERSION",
    "STATUSES",
    "AgreementShare",
    "Audit",
    "AuditCard",
    "AuditedImage",
    "Augment",
    "BenchCase",
    "BenchModel",
    "BenchRecord",
    "BenchResult",
    "BenchSpec",
    "Calibrated",
    "Calibration",
    "ClassRecall",
    "Conflicts",
    "CorruptionResult",
    "Cost",
    "DatasetCard",
    "Document",
    "Emit",
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
    "RobustnessRecord",
    "RunRecord",
    "RunSpec",
    "Scenario",
    "Source",
    "SpeedRecord",
    "Status",
    "StrengthResult",
    "TwinCounts",
    "TwinGroup",
    "TwinPair",
    "VoteFiles",
    "device_kind",
    "explain",
    "step_size",
]
