"""Judgements written down: Markdown for a pull request, JSON for a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tabulate import tabulate

from harness.report import units
from harness.report.markdown import escape
from harness.versus.gates import Fall
from harness.versus.judgement import QUALITY, Judgement, distinct

SIGNS = {"better": "▲", "worse": "▼", "inconclusive": "≈", "not comparable": "–"}
HEADS = ("model", "metric", "first", "second", "difference", "verdict")
NAMES = {
    "accuracy": "accuracy %",
    "uar": "UAR %",
    "macro_f1": "macro-F1 %",
    "accuracy_clean": "clean accuracy %",
    "uar_clean": "clean UAR %",
    "macro_f1_clean": "clean macro-F1 %",
    "train_images_per_second": "training img/s",
    "inference_images_per_second": "inference img/s",
    "latency_p50_ms": "latency p50 ms",
}


@dataclass(frozen=True)
class Verdicts:
    """All that a comparison of two sides says."""

    first: str
    second: str
    judgements: tuple[Judgement, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    falls: tuple[Fall, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def shown(self) -> list[Judgement]:
        """The judgements without those that repeat another one."""
        return distinct(self.judgements)

    @property
    def notes(self) -> list[str]:
        """What a reader must know beside the table: how verdicts came about, what is missing."""
        about: dict[str, dict[str, list[str]]] = {}
        for one in self.shown:
            about.setdefault(one.reason, {}).setdefault(one.metric, []).append(one.label)
        count = len({one.label for one in self.judgements})
        notes = [f"{_about(found, count)}: {reason}." for reason, found in about.items()]
        if self.only_first:
            notes.append(f"Only in {self.first}: {', '.join(self.only_first)}.")
        if self.only_second:
            notes.append(f"Only in {self.second}: {', '.join(self.only_second)}.")
        return [*notes, *self.left_out]


def rows(judgements: Sequence[Judgement]) -> list[tuple[str, ...]]:
    """Return the lines of the table below `HEADS`; quality in per cent."""
    return [
        (
            one.label,
            NAMES[one.metric],
            _value(one, one.first),
            _value(one, one.second),
            _difference(one),
            f"{SIGNS[one.verdict]} {one.verdict}",
        )
        for one in judgements
    ]


def as_markdown(verdicts: Verdicts) -> str:
    """Return a comment for a pull request."""
    cells = [tuple(map(escape, row)) for row in rows(verdicts.shown)]
    table = tabulate(cells, headers=HEADS, tablefmt="github", disable_numparse=True)
    parts = [f"### {escape(f'{verdicts.second} against {verdicts.first}')}", table]
    parts += ["\n".join(f"- {escape(note)}" for note in verdicts.notes)]
    if verdicts.falls:
        lines = (f"- {escape(fall_text(fall))}" for fall in verdicts.falls)
        parts += ["**Gates not passed**", "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(verdicts: Verdicts) -> str:
    """Return everything as JSON; quality and differences as fractions."""
    content = {
        "schema": 1,
        "first": verdicts.first,
        "second": verdicts.second,
        "passed": not verdicts.falls,
        "judgements": [asdict(one) for one in verdicts.judgements],
        "only_first": verdicts.only_first,
        "only_second": verdicts.only_second,
        "falls": [asdict(fall) for fall in verdicts.falls],
        "left_out": verdicts.left_out,
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def fall_text(fall: Fall) -> str:
    """Return a gate that was not passed as one sentence."""
    unjudged = "" if fall.judged else " (could not be judged)"
    return " ".join(part for part in (fall.gate, fall.label) if part) + f": {fall.text}{unjudged}"


def _about(found: Mapping[str, Sequence[str]], count: int) -> str:
    """Name the metrics, and their models where these are not all of so many."""
    by_labels: dict[tuple[str, ...], list[str]] = {}
    for metric, labels in found.items():
        by_labels.setdefault(tuple(labels), []).append(NAMES[metric])
    return "; ".join(
        ", ".join(names) + ("" if len(labels) == count else f" of {', '.join(labels)}")
        for labels, names in by_labels.items()
    )


def _value(one: Judgement, value: float | None) -> str:
    if value is None:
        return units.NONE
    return units.percent(value) if one.metric in QUALITY else units.digits(value)


def _difference(one: Judgement) -> str:
    if one.difference is None or one.low is None or one.high is None:
        return units.NONE
    unit = " %" if one.relative else ""
    return f"{units.points(one.difference)}{unit} ({units.span(one.low, one.high)})"
