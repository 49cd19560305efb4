"""Gates: what the second side must reach, in the words of the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import RequestError, unknown
from harness.versus.judgement import METRICS, OFFICIAL, QUALITY, Judgement, Verdict, distinct

VERDICTS: tuple[Verdict, ...] = ("worse", "inconclusive", "not comparable")
ROUNDING = 1e-9
_LIMIT = re.compile(r"(?P<number>\d+(\.\d*)?|\.\d+)(?P<percent>%?)")


@dataclass(frozen=True)
class Limit:
    """``metric`` and a number; ``relative`` says that it is a share of the first side's value."""

    metric: str
    value: float
    relative: bool
    words: str


@dataclass(frozen=True)
class Fall:
    """A gate that was not passed, in one sentence; ``judged`` is False where it could not be."""

    label: str
    gate: str
    text: str
    judged: bool = True


@dataclass(frozen=True)
class Gates:
    """``fail_on`` are verdicts; ``bounds`` are values that the second side must not pass.

    Quality that cannot be judged passes none of ``fail_on``. ``max_drop`` says how much worse than
    the first side it may be.
    """

    fail_on: tuple[Verdict, ...] = ()
    bounds: tuple[Limit, ...] = ()
    max_drop: tuple[Limit, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is a gate at all."""
        return bool(self.fail_on or self.bounds or self.max_drop)


def parse_limit(option: str, words: str) -> Limit:
    """Read ``accuracy=0.70`` or ``latency_p50_ms=5%``. Raises `RequestError` otherwise.

    A percentage is a share of the first side's value, which ``--max-drop`` alone knows. ``--min``
    is for metrics of which more is better, ``--max`` for the others.
    """
    name, equals, text = words.partition("=")
    if name not in METRICS:
        raise RequestError(f"{option} {words}: {unknown('metric', name, METRICS)}")
    match = _LIMIT.fullmatch(text)
    if not equals or not match:
        raise RequestError(f"{option} {words}: expected METRIC=NUMBER, like accuracy=0.70")
    relative, value = bool(match["percent"]), float(match["number"])
    if relative and option != "--max-drop":
        raise RequestError(f"{option} {words}: a percentage is of nothing here; give a number")
    right = "--min" if METRICS[name] else "--max"
    if option not in (right, "--max-drop"):
        raise RequestError(f"{option} {words}: {name} has a {right}")
    if not relative and name in QUALITY and value > 1:
        raise RequestError(f"{option} {words}: {name} is a fraction 0–1, like {value / 100:g}")
    return Limit(name, value / 100 if relative else value, relative, f"{option} {words}")


def check(
    gates: Gates,
    judgements: Sequence[Judgement],
    missing: Iterable[str],
    new: Mapping[str, Mapping[str, float | None]],
    unjudged: Iterable[str] = (),
) -> list[Fall]:
    """Return what did not pass.

    ``missing`` are configurations that the second side lacks, ``new`` the figures of those that it
    alone has: bounds hold for them, too. ``unjudged`` are those of them whose last runs on the
    first side have no result: what compares the two sides must not pass over them.
    """
    falls = [
        Fall(label, "", "is missing on the second side", judged=False)
        for label in missing
        if gates.any
    ]
    if gates.fail_on or gates.max_drop:
        words = "has no result of its latest code on the first side"
        falls += [Fall(label, "", words, judged=False) for label in unjudged]
    for one in distinct(judgements):
        falls += filter(None, [_fall_of_verdict(gates.fail_on, one)])
    for one in judgements:
        falls += filter(None, (_fall_of_bound(limit, one) for limit in gates.bounds))
        falls += filter(None, (_fall_of_drop(limit, one) for limit in gates.max_drop))
    for label, values in new.items():
        falls += filter(
            None, (_beyond(limit, label, values[limit.metric]) for limit in gates.bounds)
        )
    return [*falls, *_never_judged(gates, judgements)]


def _fall_of_verdict(fail_on: Sequence[Verdict], one: Judgement) -> Fall | None:
    judged = one.verdict != "not comparable"
    # That quality is no worse cannot be said where it cannot be judged. Speeds of two machines
    # never can, nor the clean test beside a side that was not audited: a gate on the official test
    # must not fall with them.
    if one.verdict in fail_on or (fail_on and not judged and one.metric in OFFICIAL):
        gate = one.verdict if one.verdict in fail_on else fail_on[0]
        text = f"{one.metric} is {one.verdict}: {one.reason}"
        return Fall(one.label, f"--fail-on {gate.replace(' ', '-')}", text, judged=judged)
    return None


def _fall_of_bound(limit: Limit, one: Judgement) -> Fall | None:
    return _beyond(limit, one.label, one.values[1]) if limit.metric == one.metric else None


def _beyond(limit: Limit, label: str, value: float | None) -> Fall | None:
    if value is None:
        return Fall(label, limit.words, f"{limit.metric} is not known", judged=False)
    short = limit.value - value if METRICS[limit.metric] else value - limit.value
    passed = _at_most(short, 0.0, of=limit.value)
    if passed:
        return None
    return Fall(label, limit.words, f"{limit.metric} is {_told(value, limit.value)}")


def _fall_of_drop(limit: Limit, one: Judgement) -> Fall | None:
    if limit.metric != one.metric:
        return None
    first, second = one.values
    if first is None or second is None or one.verdict == "not comparable":
        known = one.verdict != "not comparable"
        text = f"{one.metric} is not known of all runs" if known else f"{one.metric}: {one.reason}"
        return Fall(one.label, limit.words, text, judged=False)
    drop = (first - second) * (1 if METRICS[one.metric] else -1)
    size = 1.0 if limit.relative else first
    if limit.relative and drop > 0:
        # Of a first value of 0, which only a time can rise from, no share can be said.
        drop = drop / first if first else math.inf
    if _at_most(drop, limit.value, of=size):
        return None
    unit = "%" if limit.relative else ""
    scale = 100 if limit.relative else 1
    amount = "" if math.isinf(drop) else f" by {_told(drop * scale, limit.value * scale)}{unit}"
    text = f"{one.metric} {'fell' if METRICS[one.metric] else 'rose'}{amount}"
    return Fall(
        one.label, limit.words, f"{text} ({_told(first, second)} to {_told(second, first)})"
    )


def _told(value: float, beside: float) -> str:
    """Write a number with four digits, or as many as tell it from what it is held against."""
    digits = 4
    while digits < 17 and value != beside and f"{value:.{digits}g}" == f"{beside:.{digits}g}":
        digits += 1
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _at_most(value: float, limit: float, of: float) -> bool:
    """Whether a difference of numbers of the size ``of`` is within the limit, roundings aside.

    0.70 - 0.69 is more than 0.01, and the mean of three times 0.7 less than 0.7, in their last bit.
    """
    return value <= limit + ROUNDING * abs(of)


def _never_judged(gates: Gates, judgements: Sequence[Judgement]) -> list[Fall]:
    """A gate on a figure that a configuration does not have must not pass in silence."""
    found: dict[str, set[str]] = {}
    for one in judgements:
        found.setdefault(one.label, set()).add(one.metric)
    return [
        Fall(label, limit.words, f"{limit.metric} is not known", judged=False)
        for limit in (*gates.bounds, *gates.max_drop)
        for label, metrics in found.items()
        if limit.metric not in metrics
    ]
