"""Whether speeds were timed together: between two sessions, a machine drifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from harness.report.comparison import Comparison
from harness.schema import SpeedRecord

SECONDS = 60.0  # The records of a session are made at its end, one after the other.


def several_sessions(comparison: Comparison) -> bool:
    """Say whether rows of one machine were timed in different sessions."""
    found: dict[str, list[SpeedRecord]] = {}
    for row in comparison.done:
        if row.speed and row.speed.status == "done":
            found.setdefault(row.speed.environment.machine, []).append(row.speed)
    return not all(map(_together, found.values()))


def _together(speeds: Sequence[SpeedRecord]) -> bool:
    """Say whether all name the same models as timed with them, at about the same time."""
    models = {frozenset((speed.model, *speed.beside)) for speed in speeds}
    moments = sorted(_moment(speed) for speed in speeds)
    return len(models) == 1 and moments[-1] - moments[0] <= SECONDS


def _moment(speed: SpeedRecord) -> float:
    try:
        return datetime.fromisoformat(speed.measured_at).timestamp()
    except ValueError:  # No time that anybody could have measured at is compared as 0.
        return 0.0
