"""What is written to disk: frozen, validated, versioned types. Imports neither numpy nor torch.

Names are exported lazily: a list of models needs the recipe, and none of the records.
"""

from typing import TYPE_CHECKING

from harness.lazy import lazily

if TYPE_CHECKING:
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

_EXPORTS = {
    "AgreementShare": "harness.schema.quality",
    "Audit": "harness.schema.audit",
    "AuditCard": "harness.schema.audit",
    "AuditedImage": "harness.schema.audit",
    "Augment": "harness.schema.recipe",
    "BenchCase": "harness.schema.bench",
    "BenchModel": "harness.schema.bench",
    "BenchRecord": "harness.schema.bench",
    "BenchResult": "harness.schema.bench",
    "BenchSpec": "harness.schema.bench",
    "CORRUPTIONS_VERSION": "harness.schema.robustness",
    "Calibrated": "harness.schema.quality",
    "Calibration": "harness.schema.quality",
    "ClassRecall": "harness.schema.quality",
    "Conflicts": "harness.schema.audit",
    "CorruptionResult": "harness.schema.robustness",
    "Cost": "harness.schema.run",
    "DatasetCard": "harness.schema.run",
    "Document": "harness.schema.base",
    "Emit": "harness.schema.event",
    "Environment": "harness.schema.run",
    "Epoch": "harness.schema.run",
    "Event": "harness.schema.event",
    "Frozen": "harness.schema.base",
    "Manifest": "harness.schema.manifest",
    "Metrics": "harness.schema.quality",
    "PluginCard": "harness.schema.run",
    "Protocol": "harness.schema.run",
    "Rate": "harness.schema.speed",
    "Recipe": "harness.schema.recipe",
    "ReliabilityBin": "harness.schema.quality",
    "RobustnessRecord": "harness.schema.robustness",
    "RunRecord": "harness.schema.run",
    "RunSpec": "harness.schema.run",
    "STATUSES": "harness.schema.run",
    "Scenario": "harness.schema.bench",
    "Source": "harness.schema.manifest",
    "SpeedRecord": "harness.schema.speed",
    "Status": "harness.schema.run",
    "StrengthResult": "harness.schema.robustness",
    "TwinCounts": "harness.schema.audit",
    "TwinGroup": "harness.schema.audit",
    "TwinPair": "harness.schema.audit",
    "VoteFiles": "harness.schema.manifest",
    "device_kind": "harness.schema.run",
    "explain": "harness.schema.base",
    "step_size": "harness.schema.run",
}

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

__getattr__ = lazily(__name__, _EXPORTS)
