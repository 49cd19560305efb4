"""Speed, second against first, on one machine only; the rounds of the two sessions must part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.schema import Rate, SpeedRecord, device_kind
from harness.versus.judgement import SPEED, Judgement, Verdict, of_interval
from harness.versus.match import Match
from harness.versus.side import Result

# Two sessions on a machine whose neighbours are quiet agree this nearly; less is drift.
DRIFT = 0.03


@dataclass(frozen=True)
class Timed:
    """A median with its slowest and fastest rounds, in the metric's unit."""

    value: float
    low: float
    high: float


def judge_speed(match: Match) -> list[Judgement]:
    """Return a judgement for each speed that a side has, one per metric."""
    first, second = _speeds(match.first), _speeds(match.second)
    if not first and not second:
        return []
    shared = first.keys() & second.keys()
    if shared:
        first, second = ({key: side[key] for key in shared} for side in (first, second))
    one, two = _latest(first.values()), _latest(second.values())
    if one and two and shared:
        # Of several machines that both sides know, the one on which the second was timed last.
        one = first[two.environment.machine]
    differ = _images(match.first) != _images(match.second)
    return [_judge(match.label, metric, one, two, differ=differ) for metric in SPEED]


def _images(results: Sequence[Result]) -> set[object]:
    """Return of what kind the images are, which speeds depend on."""
    cards = (one.record.dataset for one in results)
    return {(card.input_shape, len(card.classes)) for card in cards}


def speed_values(results: Sequence[Result]) -> dict[str, float | None]:
    """Return each figure of speed as it was timed last, None where it was not."""
    speed = _latest(_speeds(results).values())
    timed = {metric: _timed(speed, metric) for metric in SPEED}
    return {metric: one.value if one else None for metric, one in timed.items()}


def _speeds(results: Sequence[Result]) -> dict[str, SpeedRecord]:
    """Return the last timing on each machine, by the machine's id."""
    speeds = sorted((s for one in results for s in one.speeds), key=lambda s: s.measured_at)
    return {speed.environment.machine: speed for speed in speeds}


def _latest(speeds: Iterable[SpeedRecord]) -> SpeedRecord | None:
    return max(speeds, key=lambda speed: speed.measured_at, default=None)


def _judge(
    label: str,
    metric: str,
    first: SpeedRecord | None,
    second: SpeedRecord | None,
    *,
    differ: bool,
) -> Judgement:
    before, after = _timed(first, metric), _timed(second, metric)
    values = (before.value if before else None, after.value if after else None)
    if not (first and second and before and after):
        return Judgement(label, metric, *values, "not comparable", _missing(first, second))
    reason = "the images or classes differ" if differ else _incomparable(first, second)
    if reason:
        return Judgement(label, metric, *values, "not comparable", reason)
    difference = after.value / before.value - 1
    low, high = after.low / before.high - 1, after.high / before.low - 1
    verdict: Verdict = "inconclusive"
    reason = f"medians of the rounds of two sessions; below {DRIFT:.0%} it may be drift"
    if not low <= difference <= high:
        # Rounds hold all of their calls, the slow ones too, of which a median of calls knows none.
        reason = "the medians of single calls contradict the rounds that they are from"
    elif abs(difference) >= DRIFT:
        verdict = of_interval(low, high, larger_is_better=SPEED[metric])
    return Judgement(label, metric, *values, verdict, reason, difference, low, high)


def _missing(first: SpeedRecord | None, second: SpeedRecord | None) -> str:
    if first is None or second is None:
        return "a side was not timed"
    return "the timing of a side gave no such figure"


def _incomparable(first: SpeedRecord, second: SpeedRecord) -> str:
    """Say what differs that speeds depend on; an empty text if nothing does."""
    if first.environment.machine != second.environment.machine:
        one, two = first.environment.machine[:8], second.environment.machine[:8]
        return f"the machine differs ({one}, {two})"
    fields = ("precision", "threads", "batch_size")
    differing = [name for name in fields if getattr(first, name) != getattr(second, name)]
    if device_kind(first.device) != device_kind(second.device):
        differing.insert(0, "device")
    return f"the setting differs ({', '.join(differing)})" if differing else ""


def _timed(speed: SpeedRecord | None, metric: str) -> Timed | None:
    if speed is None:
        return None
    if metric == "train_images_per_second":
        return _of_rate(speed.train_step)
    if metric == "inference_images_per_second":
        rates = speed.inference.values()
        return _of_rate(max(rates, key=lambda rate: rate.images_per_second, default=None))
    single, median = speed.inference.get(1), speed.latency_ms.get("p50")
    if single is None or median is None:
        return None
    # The rounds at batch size 1, as milliseconds an image.
    return Timed(median, 1000 / single.high, 1000 / single.low)


def _of_rate(rate: Rate | None) -> Timed | None:
    return Timed(rate.images_per_second, rate.low, rate.high) if rate else None
