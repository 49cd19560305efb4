"""What a comparison says, in a plain sentence or two; never that a difference is significant."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from harness.report import units
from harness.report.comparison import Comparison, Group, Row
from harness.report.derived import a_twin, clean_images, clean_quality, mean_and_deviation
from harness.report.pairs import Pair, Pairs
from harness.report.views.columns import fastest
from harness.schema import Rate


def headline(comparison: Comparison) -> str:
    """Say who is ahead, by how much, within which intervals and at what cost."""
    parts = [_quality(comparison), _clean(comparison)]
    if len(comparison.rivals) > 1:
        first, second = comparison.rivals[:2]
        parts.append(_against(first, second))
    missing = len(comparison.unfinished) + len(comparison.broken)
    if missing and comparison.done:
        # What never became a run is none.
        what = str(missing) if comparison.broken else units.counted(missing, "run")
        reasons = "reason is" if missing == 1 else "reasons are"
        parts.append(f"{what} without a result: the {reasons} below.")
    return " ".join(part for part in parts if part)


def _quality(comparison: Comparison) -> str:
    groups, images = comparison.rivals, _images(comparison)
    kind = "synthetic" if comparison.dataset.synthetic else "the"
    where = f"On {kind} data {comparison.dataset.name}"
    if not groups:
        return _nothing(len(comparison.rows))
    first = groups[0]
    if len(groups) == 1:
        others = comparison.unfinished or comparison.broken
        return (
            f"{where}, {first.label} gets {_reading(first)} of {images} test images right; "
            f"it is the only {'one with a result' if others else 'model here'}, so "
            "there is nothing to compare it with."
        )
    second, count = groups[1], comparison.pairs.count()
    pair = comparison.pairs.between(first.label, second.label)
    if pair and pair.verdict == "worse":
        # Of fewer than three seeds, the files of the one that both have may tell another story.
        return (
            f"{where}, no winner can be named: {first.label} gets {_reading(first)} of {images} "
            f"test images right and {second.label} {_reading(second)}, but of {second.label} over "
            f"{first.label} {_judged(pair.turned, count)}."
        )
    judged = _judged(pair, count) if pair else ""
    if not _ahead(comparison, first, second):
        return (
            f"{where}, no winner can be named: {first.label} gets {_reading(first)} of {images} "
            f"test images right and {second.label} {_reading(second)}, "
            f"and {judged or 'the difference is within the intervals'}."
        )
    return (
        f"{where}, {first.label} is ahead{_of_whom(comparison)}{_of_files(comparison)}: it gets "
        f"{_reading(first)} of {images} test images right; {second.label} follows with "
        f"{_reading(second)}"
        f"{f', and {judged}' if judged else ''}."
    )


def _of_whom(comparison: Comparison) -> str:
    """Name those that the first is ahead of: all others, or only some of them."""
    first, second, *others = comparison.rivals
    if not others:
        return ""
    unsure = [group.label for group in others if not _ahead(comparison, first, group)]
    if not unsure:
        return f" of the {len(others) + 1} other configurations"
    # Of fewer than three seeds, the files of the one that both have may tell another story.
    behind = [label for label in unsure if _behind(comparison, first.label, label)]
    even = [label for label in unsure if label not in behind]
    parts = [f"though not for certain of {_listed(even)}"] if even else []
    if behind:
        parts.append(f"though behind {_listed(behind)}")
    return f" of {second.label}, {' and '.join(parts)}"


def _of_files(comparison: Comparison) -> str:
    """Say of whom the first is ahead by weight files alone, which say nothing of other seeds."""
    first, *_ = comparison.rivals
    judged = {
        group.label: pair.subject != "models"
        for group in comparison.rivals[1:]
        if (pair := comparison.pairs.between(first.label, group.label)) and pair.verdict == "better"
    }
    # Of whom the intervals alone say so, no file was held against the first's.
    ahead = [group for group in comparison.rivals[1:] if _ahead(comparison, first, group)]
    if judged and all(judged.values()) and len(judged) == len(ahead):
        return ", weight file against weight file"
    files = [label for label, by_files in judged.items() if by_files]
    return f", of {_listed(files)} by one weight file each" if files else ""


def _listed(labels: list[str]) -> str:
    return f"{', '.join(labels[:3])}{f' and {len(labels) - 3} more' if len(labels) > 3 else ''}"


def _behind(comparison: Comparison, first: str, second: str) -> bool:
    pair = comparison.pairs.between(first, second)
    return pair is not None and pair.verdict == "worse"


def _ahead(comparison: Comparison, first: Group, second: Group) -> bool:
    """Whether a verdict says so; where there is none, whether the intervals do."""
    pair = comparison.pairs.between(first.label, second.label)
    return pair.verdict == "better" if pair else not _overlap(first, second)


def _judged(pair: Pair, count: int, *, again: bool = False) -> str:
    """Say whether a difference is beyond chance, and of what that is said.

    ``again`` leaves out what was said before of weight files.
    """
    found = _found(pair, count)
    beyond = "is not beyond chance" if pair.verdict == "inconclusive" else "is beyond chance"
    if pair.subject == "models":
        return f"{found} {beyond}, over seeds and images"
    one, two = pair.first_seeds[0], pair.second_seeds[0]
    seeds = f"seed {one}" if one == two else f"seeds {one} and {two}"
    of_files = f"{found} between the weight files of {seeds} {beyond}"
    return of_files if again else f"{of_files}; a verdict on the models takes three seeds of each"


def _found(pair: Pair, count: int) -> str:
    bounds, whose, corrected = (pair.low, pair.high), "", ""
    if count > 1:
        corrected = f", both corrected for {count} pairs"
        together = (pair.simultaneous_low, pair.simultaneous_high)
        # Bonferroni's intervals are wider than Holm's verdicts need: one that holds 0 would
        # contradict the verdict beside it.
        if pair.verdict == "inconclusive" or together[0] > 0 or together[1] < 0:
            bounds = together
        else:
            whose, corrected = " of this pair alone", f", corrected for {count} pairs"
    return (
        f"the difference of {units.points(pair.value)} points (95 % interval{whose} "
        f"{units.span(*bounds)}; {units.chance(pair.p_holm)}{corrected})"
    )


def _nothing(runs: int) -> str:
    if runs == 1:
        return "The only run has no result; the reason is below."
    return f"None of the {runs} runs has a result; the reasons are below."


def _clean(comparison: Comparison) -> str:
    """Say what is left without twins in training, where that is another story.

    It is where the verdict on the first against another one is not the same there, and not only for
    want of images, or where a figure of the first two is another beyond chance.
    """
    if not comparison.rivals:
        return ""
    first, *others = comparison.rivals
    found = [(other, pair) for other in others if (pair := _otherwise(comparison, first, other))]
    # What turns round comes before what cannot be told any more.
    found.sort(key=lambda item: item[1].verdict != "worse")
    shown = (first, found[0][0]) if found else comparison.rivals[:2]
    if len({clean_images(row.record) for group in shown for row in group.rows}) > 1:
        return ""  # Clean images of two audits are two tests.
    told = [
        (group.label, value)
        for group in shown
        if (value := _without_twins(group, always=bool(found))) is not None
    ]
    if not told or (found and len(told) < 2):
        return ""
    figures = " and ".join(
        f"{label} {'' if place else 'gets '}{units.percent(value)} %"
        for place, (label, value) in enumerate(told)
    )
    twin = a_twin(row for group in shown for row in group.rows)
    start = f"Of the test images without {twin} in training, {figures} right"
    if not found:
        return f"{start}."
    before = comparison.pairs.between(first.label, others[0].label)
    again = before is not None and before.subject != "models"
    count = comparison.pairs.count(test="clean")
    there = _there(found[0][1], count, dict(told), again=again)
    return f"{start}; {there}.{_more(comparison.pairs)}"


def _more(pairs: Pairs) -> str:
    """Say how many verdicts are others on the clean test, beside the one that was told."""
    turned = sum(
        _another(whole, clean)
        for clean in pairs.clean
        if clean.metric == "accuracy" and (whole := pairs.between(clean.first, clean.second))
    )
    if turned < 2:
        return ""
    further = "One further verdict is" if turned == 2 else f"{turned - 1} further verdicts are"
    return f" {further} different on the clean test (pairs.csv)."


def _otherwise(comparison: Comparison, first: Group, other: Group) -> Pair | None:
    """Return the verdict without twins, if it is another than that on all images."""
    pairs = comparison.pairs
    whole = pairs.between(first.label, other.label)
    clean = pairs.between(first.label, other.label, test="clean")
    return clean if whole and clean and _another(whole, clean) else None


def _another(whole: Pair, clean: Pair) -> bool:
    """Whether two verdicts tell two stories.

    That fewer images leave a lead unsure is none, where it may be as large as before.
    """
    if whole.verdict == clean.verdict:
        return False
    return clean.verdict != "inconclusive" or not clean.low <= whole.value <= clean.high


def _there(pair: Pair, count: int, means: dict[str, float], *, again: bool) -> str:
    """Tell a verdict on the clean test, and of whom where the means do not show that."""
    ahead = pair if pair.value >= 0 else pair.turned
    if means[ahead.first] > means[ahead.second]:
        if pair.verdict == "inconclusive":
            return f"there {_judged(ahead, count, again=again)}"
        return f"there {ahead.first} is ahead, and {_judged(ahead, count, again=again)}"
    # Of fewer than three seeds, the files of the one that both have may tell another story.
    return f"there, of {ahead.first} over {ahead.second}, {_judged(ahead, count, again=again)}"


def _without_twins(group: Group, always: bool) -> float | None:
    """Return the mean on the clean test.

    None where it may be that on all images by chance, by the intervals of both.
    """
    clean = [clean for row in group.rows if (clean := clean_quality(row.record))]
    if len(clean) < len(group.rows):
        return None
    mean = fmean(one.accuracy for one in clean)
    low, high = min(one.accuracy_low for one in clean), max(one.accuracy_high for one in clean)
    alike = group.interval[0] <= mean <= group.interval[1] or low <= group.accuracy <= high
    return mean if always or not alike else None


def _images(comparison: Comparison) -> int:
    return next((row.record.test.n for row in comparison.done if row.record.test), 0)


def _reading(group: Group) -> str:
    interval = units.interval(*group.interval)
    if len(group.rows) == 1:
        return f"{units.percent(group.accuracy)} % (95 % interval {interval} %)"
    mean, deviation = mean_and_deviation(group.accuracies)
    return (
        f"{units.percent(mean)} ± {units.percent(deviation)} % "
        f"(mean over {len(group.rows)} seeds; their 95 % intervals span {interval} %)"
    )


def _overlap(first: Group, second: Group) -> bool:
    """Say whether the intervals (of all seeds together) have a point in common."""
    return second.interval[1] >= first.interval[0]


def _against(first: Group, second: Group) -> str:
    """Put the costs of the two side by side; speeds only if one machine took them."""
    one, two = first.rows[0], second.rows[0]
    pairs = [_parameters(one, two)]
    timed = one.timed_on is not None and two.timed_on is not None
    if timed and one.timed_under == two.timed_under:
        pairs += [_training(one, two), _inference(one, two), _latency(one, two)]
    found = [pair for pair in pairs if pair]
    if not found:
        return ""
    text = f"The cost of {first.label} against {second.label}: {', '.join(found)}."
    if timed and one.timed_under != two.timed_under:
        what = "machines" if one.timed_on != two.timed_on else "devices or numbers of threads"
        text += f" Their speeds are of different {what} and are not compared."
    return text


def _parameters(one: Row, two: Row) -> str:
    if not (one.record.cost and two.record.cost):
        return ""
    counts = (units.scaled(row.record.cost.parameters) for row in (one, two) if row.record.cost)
    return f"{' against '.join(counts)} parameters"


def _training(one: Row, two: Row) -> str:
    steps = [row.speed.train_step for row in (one, two) if row.speed]
    return _rates([step for step in steps if step], "training")


def _inference(one: Row, two: Row) -> str:
    best = [fastest(row.speed.inference) for row in (one, two) if row.speed]
    return _rates([found[1] for found in best if found], "inference")


def _rates(rates: Sequence[Rate], what: str) -> str:
    """Put two rates side by side, and say where their rounds do not tell them apart."""
    if len(rates) != 2:
        return ""
    first, second = rates
    alike = first.low <= second.high and second.low <= first.high
    texts = (units.digits(rate.images_per_second) for rate in rates)
    return f"{' against '.join(texts)} images/s in {what}{' (rounds overlap)' if alike else ''}"


def _latency(one: Row, two: Row) -> str:
    found = [row.speed.latency_ms.get("p50") for row in (one, two) if row.speed]
    times = [units.digits(value) for value in found if value is not None]
    return f"{' against '.join(times)} ms for one image" if len(times) == 2 else ""
