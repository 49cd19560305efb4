"""Records from what was asked for: the fields that a run and its record share."""

from datetime import UTC, datetime
from typing import Any, Literal

from harness.execute.blame import without_places
from harness.measure.environment import environment
from harness.schema import RunRecord, RunSpec, SpeedRecord, Status

_SHARED = tuple(name for name in RunSpec.model_fields if name in RunRecord.model_fields)


def now() -> str:
    """Return the time in ISO form, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def make_run(spec: RunSpec, status: Status, **fields: Any) -> RunRecord:
    """Return a record of ``spec`` with what it left."""
    shared = {name: getattr(spec, name) for name in _SHARED}
    return RunRecord(
        **shared,
        status=status,
        environment=environment(spec.device),
        finished_at=now(),
        **fields,
    )


def ended_run(spec: RunSpec, status: Status, reason: str) -> RunRecord:
    """Return the record of a run that came to no result, with the reason why."""
    return make_run(spec, status, reason=without_places(reason, spec.places))


def make_speed(
    spec: RunSpec, status: Literal["done", "failed", "timeout"], **fields: Any
) -> SpeedRecord:
    """Return a record of the speed of ``spec``'s model on this machine."""
    return SpeedRecord(
        key=spec.speed_key,
        model=spec.model,
        arguments=spec.arguments,
        status=status,
        batch_size=spec.step_size,
        precision=spec.precision,
        device=spec.device,
        threads=spec.threads,
        environment=environment(spec.device),
        measured_at=now(),
        **fields,
    )


def ended_speed(spec: RunSpec, status: Literal["failed", "timeout"], reason: str) -> SpeedRecord:
    """Return the record of a model that could not be timed, with the reason why."""
    return make_speed(spec, status, reason=without_places(reason, spec.places))
