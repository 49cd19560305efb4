"""Numbers as people read them: three digits, a unit, no thousands separators."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.pairs import ERROR

NONE = "–"
ROUNDING = 1e-4  # Of a point: below it, an end is 0 but for roundings.


def counted(number: int, noun: str) -> str:
    """Write how many there are: ``1 run``, ``3 runs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def percent(fraction: float) -> str:
    """Write a fraction of 0–1 in per cent, without the sign: ``0.7116`` is ``71.2``.

    Only none and all read as such: ``0.9997`` is ``99.97``, and ``0.99999`` is ``>99.99``.
    """
    value = 100 * fraction
    if 0.05 <= abs(value) < 99.95 or value in (0, 100):
        return f"{value:z.1f}"
    text = f"{value:z.2f}"
    if float(text) not in (0, 100):
        return text
    if value > 50:
        return ">99.99"
    return "<0.01" if value > 0 else ">-0.01"


def interval(low: float, high: float) -> str:
    """Write an interval of fractions in per cent: ``69.7–72.6``."""
    ends = percent(low), percent(high)
    return ("–" if ends[0][0].isdigit() and ends[1][0].isdigit() else " to ").join(ends)


def points(fraction: float) -> str:
    """Write a difference of fractions in percentage points: ``+1.2``, ``−0.3``, ``+0.03``."""
    return _end(fraction)


def difference(fraction: float) -> str:
    """Write a difference of fractions in points, with a sign below zero only: ``1.2``, ``−0.3``."""
    return f"{100 * fraction:z.1f}".replace("-", "−")


def span(low: float, high: float) -> str:
    """Write an interval of differences in percentage points: ``−0.3 to +1.2``.

    An end near 0, which verdicts depend on, has as many digits as tell its side: ``−0.03``.
    """
    return f"{_end(low)} to {_end(high)}"


def _end(fraction: float) -> str:
    value, places = 100 * fraction, 1
    while round(value, places) == 0 and abs(value) > ROUNDING:
        places += 1
    return f"{value:+z.{places}f}".replace("-", "−")


def chance(p: float) -> str:
    """Write a p-value: ``p = 0.34``, ``p = 0.012``, ``p < 0.001``.

    Near 0.05, on which verdicts depend, it has as many digits as tell the side: ``p = 0.0496``.
    """
    if p < 0.001:
        return "p < 0.001"
    places = 2 if p >= 0.0995 else 3
    while round(p, places) == ERROR != p:
        places += 1
    return f"p = {p:.{places}f}"


def digits(number: float) -> str:
    """Write a number with three digits, or all digits before the point: ``3.14``, ``12345``."""
    for size, places in ((9.995, 2), (99.95, 1)):
        if abs(number) < size:
            return f"{number:.{places}f}"
    return f"{number:.0f}"


def whole(number: float) -> str:
    """Write a count, whole if it is, else with three digits (a mean of counts)."""
    return str(int(number)) if number == int(number) else digits(number)


def scaled(number: float, prefixes: Sequence[str] = ("", "k", "M", "G", "T", "P")) -> str:
    """Write a count with a decimal prefix: ``1234567`` is ``1.23 M``; below 1000 as it is."""
    if number < 1000:
        return f"{whole(number)} {prefixes[0]}".rstrip()
    for prefix in prefixes[1:-1]:
        number /= 1000
        if number < 999.5:
            return f"{digits(number)} {prefix}"
    return f"{digits(number / 1000)} {prefixes[-1]}"


def size(number: float) -> str:
    """Write bytes: ``512000000`` is ``512 MB`` (decimal: 1 MB is 1000000 bytes)."""
    return scaled(number, ("B", "kB", "MB", "GB", "TB", "PB"))


def duration(seconds: float) -> str:
    """Write a time span: ``0.42 s``, ``3 min 20 s``, ``2 h 5 min``, ``1 d 3 h``."""
    if seconds < 59.95:
        return f"{digits(seconds)} s"
    if seconds < 3599.5:
        return _two(round(seconds), 60, "min", "s")
    if seconds < 86370:
        return _two(round(seconds / 60), 60, "h", "min")
    return _two(round(seconds / 3600), 24, "d", "h")


def _two(small: int, per_large: int, large_unit: str, small_unit: str) -> str:
    large, rest = divmod(small, per_large)
    return f"{large} {large_unit}" + (f" {rest} {small_unit}" if rest else "")
