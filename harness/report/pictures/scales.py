"""Scales from values to pixels, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Values ``low`` to ``high`` stand at the pixels ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def linear(
    values: Sequence[float],
    start: float,
    end: float,
    *,
    margin: float = 0.06,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    least: float = 0.0,
    many: int = 6,
) -> Scale:
    """Return a scale that holds the values with some room, at least ``least`` wide."""
    low, high = min(values), max(values)
    room = max(margin * (high - low), (least - (high - low)) / 2)
    low, high = max(bounds[0], low - room), min(bounds[1], high + room)
    return Scale(low, high, start, end, round_ticks(low, high, many))


def round_ticks(low: float, high: float, many: int) -> tuple[float, ...]:
    """Return about ``many`` numbers between: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / many
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def whole_ticks(low: int, high: int, many: int) -> tuple[float, ...]:
    """Return about ``many`` whole numbers, the first among them."""
    if high - low <= many:
        return tuple(float(number) for number in range(low, high + 1))
    ticks = [tick for tick in round_ticks(low, high, many) if tick == int(tick)]
    return (float(low), *(t for t in ticks if t > low + 0.4 * (ticks[1] - ticks[0])))


def logarithmic(values: Sequence[float], start: float, end: float) -> Scale:
    """Return a logarithmic scale with room on both sides, and at most eight ticks."""
    room = 1.5 if max(values) > min(values) else 3.0
    low, high = min(values) / room, max(values) * room
    return Scale(low, high, start, end, logarithmic_ticks(low, high), logarithmic=True)


def logarithmic_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return three to eight round numbers between, from their powers of ten where those do."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = tuple(f * 10.0**p for p in powers for f in factors if low <= f * 10.0**p <= high)
        if len(ticks) <= 8:
            break
    return ticks if len(ticks) >= 3 else round_ticks(low, high, 6)
