"""Whether anything else used the processor while models were being timed."""

import os
import time
from dataclasses import dataclass

import psutil

# In cores: less is what any system does by itself.
MOST_BY_OTHERS = 0.05
MOST_STOLEN = 0.05
SHORTEST = 1.0  # Seconds.


@dataclass(frozen=True)
class Usage:
    """Seconds: on the clock, and of processor time used by all, by this process, or withheld.

    ``stolen`` is what a hypervisor gave to other guests although this one had work to do.
    """

    clock: float
    everyone: float
    own: float
    stolen: float


def usage() -> Usage:
    """Read the counters of the system and of this process; differences of two readings count."""
    system, own = psutil.cpu_times(), psutil.Process().cpu_times()
    kinds = ("user", "nice", "system", "irq", "softirq")
    return Usage(
        clock=time.perf_counter(),
        # Linux counts its own guests within user and nice.
        everyone=sum(getattr(system, kind, 0.0) for kind in kinds),
        own=own.user + own.system,
        stolen=getattr(system, "steal", 0.0),
    )


def idleness_notes(before: Usage, after: Usage, cores: int | None = None) -> list[str]:
    """Say that others used more than 5 % of one core, or that a hypervisor took as much.

    Nothing is said of less than a second.
    """
    cores = cores or os.cpu_count() or 1
    clock = after.clock - before.clock
    # The counters come in ticks of 10 ms: of a shorter time, one tick of anybody is too much.
    if clock < SHORTEST:
        return []
    others = (after.everyone - before.everyone - (after.own - before.own)) / clock
    stolen = (after.stolen - before.stolen) / clock
    notes = []
    if others > MOST_BY_OTHERS:
        notes.append(
            f"the machine was not idle: other processes used {_share(others, cores)}; end them and "
            "measure again"
        )
    if stolen > MOST_STOLEN:
        notes.append(
            f"the machine was not idle: its hypervisor withheld {_share(stolen, cores)} for others"
        )
    return notes


def _share(used: float, cores: int) -> str:
    """Write how many cores' time was used."""
    if cores == 1:
        return f"{100 * used:.0f} % of the core"
    return f"{f'{used:.2g}' if used < 10 else f'{used:.0f}'} of the {cores} cores"
