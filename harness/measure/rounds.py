"""Rounds of timing until every interval is narrow or the time is up."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence

from harness.measure.interval import half_width
from harness.measure.stops import stops
from harness.measure.throughput import Workload
from harness.schema.bench import FEWEST_ROUNDS

# A machine that has neighbours keeps its pace for a while, and then has another.
LEAST_SECONDS = 10.0
# The time is to suffice for about so many rounds, within these bounds of a slice.
ROUNDS_AIMED_AT = 50
SHORTEST_SLICE, LONGEST_SLICE = 0.02, 0.1


def slice_seconds(seconds: float, workloads: int) -> float:
    """Return how long each of so many workloads is called in a round, in ``seconds`` for all."""
    return min(LONGEST_SLICE, max(SHORTEST_SLICE, seconds / workloads / ROUNDS_AIMED_AT))


def narrow(workload: Workload, width: float) -> bool:
    """Whether the interval of a workload's median rate is at most ± ``width`` (a fraction) wide."""
    found = half_width(workload.rates)
    return len(workload.rates) >= FEWEST_ROUNDS and found is not None and found <= width


class Rounds:
    """Iterates over whole rounds, each a list of all workloads in another, seeded order.

    In every round each workload has its turn, those ``beside`` too, so that drift hits all alike.
    Whose owner is in ``failed`` is left out from then on. Rounds end when the interval of every
    workload is narrow, though not within `LEAST_SECONDS`, or when one more would take longer than
    what is left of ``seconds``; a first one there always is. To stop by the intervals makes them
    cover a little less often than in 95 % of all sessions; the least number of rounds bounds that.
    """

    def __init__(
        self,
        workloads: Sequence[Workload],
        beside: Sequence[Workload],
        failed: Mapping[str, str],
        *,
        seconds: float,
        width: float,
        seed: int,
    ) -> None:
        self._workloads, self._beside, self._failed = workloads, beside, failed
        self._seconds, self._width = seconds, width
        self._random = random.Random(seed)
        self._started = time.perf_counter()

    def __iter__(self) -> Iterator[list[Workload]]:
        last, first = 0.0, True
        while self.going:
            before, stopped = self.elapsed, stops()
            order = [*self.going, *self._beside]
            self._random.shuffle(order)
            yield order
            if stops() != stopped and (first or last):
                # What this round took beyond the last one was no timing: the process stood.
                self._started += max(0.0, self.elapsed - before - last)
            else:  # Also the second of a process that something stops all the time.
                last = self.elapsed - before
            first = False
            enough = not self.wide and self.elapsed >= LEAST_SECONDS
            if enough or self.elapsed + last > self._seconds:
                return

    @property
    def elapsed(self) -> float:
        """Seconds since the rounds began."""
        return time.perf_counter() - self._started

    @property
    def going(self) -> list[Workload]:
        """The workloads that have not failed."""
        return [item for item in self._workloads if item.owner not in self._failed]

    @property
    def wide(self) -> list[Workload]:
        """The workloads whose intervals are not narrow yet."""
        return [item for item in self.going if not narrow(item, self._width)]
