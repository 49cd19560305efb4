"""What else a machine did while models were timed, but for the pauses of this process."""

from dataclasses import fields

from harness.measure.drift import throttle_count, throttle_notes
from harness.measure.idleness import Usage, idleness_notes, usage
from harness.measure.stops import stops


class Watch:
    """Reads the system's counters from its making on.

    A piece of the session, from one `mark` to the next, in which this process was stopped does not
    count: what others did meanwhile disturbed nothing that is kept, and a long rest would hide what
    they did before.
    """

    def __init__(self) -> None:
        self._usage, self._throttled = usage(), throttle_count()
        self._last = self._usage, self._throttled, stops()

    def mark(self) -> None:
        """End a piece."""
        used, throttled, stopped = self._last
        self._last = usage(), throttle_count(), stops()
        if stopped != self._last[2]:
            self._usage = _later(self._usage, used, self._last[0])
            self._throttled += self._last[1] - throttled

    def notes(self) -> list[str]:
        """End a piece; say whether others used the processor and whether it throttled."""
        self.mark()
        used, throttled, _ = self._last
        return [*idleness_notes(self._usage, used), *throttle_notes(self._throttled, throttled)]


def _later(reading: Usage, before: Usage, after: Usage) -> Usage:
    """Return the reading with what passed from ``before`` to ``after`` added to it."""
    names = [field.name for field in fields(Usage)]
    passed = {name: getattr(after, name) - getattr(before, name) for name in names}
    return Usage(**{name: getattr(reading, name) + passed[name] for name in names})
