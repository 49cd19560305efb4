"""From two paths to verdicts: read both sides, pair them, judge them, check the gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import RequestError
from harness.report.units import counted
from harness.versus.gates import Gates, check
from harness.versus.match import Match, match
from harness.versus.quality import judge_quality, quality_values
from harness.versus.side import Side, open_side
from harness.versus.speed import judge_speed, speed_values
from harness.versus.write import Verdicts


def verdicts_of(first: Path, second: Path, gates: Gates) -> Verdicts:
    """Judge ``second`` against ``first``. Raises `RequestError` where nothing can be paired."""
    one, two = open_side(first), open_side(second)
    matches = match(one, two)
    withdrawn = [
        f"{label}: its last runs in {side} have no result, and those of other code before them "
        "do not stand for it"
        for side, labels in ((first, matches.unjudged), (second, matches.without))
        for label in labels
    ]
    if not matches.both:
        sides = (", ".join(labels) or "none" for labels in (matches.only_first, matches.new))
        words = f"{first} and {second} have no configuration in common: {' against '.join(sides)}"
        out = "`harness runs export` two that differ into folders of their own to compare them"
        raise RequestError("; ".join([words, *(withdrawn or [out])]))
    judgements = tuple(
        judgement
        for pair in matches.both
        for judgement in (*judge_quality(pair), *judge_speed(pair))
    )
    names = _names(first, second, one.name, two.name)
    new = {
        label: {**quality_values(results), **speed_values(results)}
        for label, results in matches.new.items()
    }
    missing = dict.fromkeys((*matches.only_first, *matches.without))
    falls = check(gates, judgements, missing, new, matches.unjudged)
    left_out = (
        *(f"{sentence}." for sentence in withdrawn),
        *_beside(matches.both, names),
        *_left_out(one, names[0]),
        *_left_out(two, names[1]),
    )
    return Verdicts(
        *names, judgements, matches.only_first, matches.only_second, tuple(falls), left_out
    )


def _beside(pairs: Iterable[Match], names: tuple[str, str]) -> Iterator[str]:
    """Say which runs are held against nothing, since they were made under other settings."""
    for pair in pairs:
        for name, count in zip(names, pair.beside, strict=True):
            if count:
                yield (
                    f"Left out of {name}: {counted(count, 'run')} of {pair.label} under another "
                    "device, precision, number of threads, protocol or version of torch, by other "
                    "votes, or by the harness's arithmetic of before."
                )
        for name, count in zip(names, pair.earlier, strict=True):
            if count:
                yield (
                    f"Left out of {name}: {counted(count, 'run')} of {pair.label} by other code or "
                    "on other data than those that ended last."
                )


def _left_out(side: Side, name: str) -> Iterator[str]:
    if side.unfinished:
        runs = counted(len(side.unfinished), "run")
        yield f"Left out of {name}: {runs} without a result."
    yield from (f"Left out of {name}: {problem}." for problem in side.problems)


def _names(first: Path, second: Path, one: str, two: str) -> tuple[str, str]:
    """Call the sides by their folders' names, by the paths as given where those are the same."""
    return (one, two) if one != two else (str(first), str(second))
