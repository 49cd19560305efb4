"""The matrix of verdicts, and the mark of what cannot be told from the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.report import units
from harness.report.comparison import Comparison
from harness.report.derived import a_twin
from harness.report.pairs import Pairs, Test, Verdict
from harness.report.views.columns import ACCURACY
from harness.report.views.results import summary_label
from harness.report.views.table import Cell, Head, Line, View

# More columns than this are no matrix to read; all pairs are in the file.
MOST = 12
SIGNS: dict[Verdict, str] = {"better": "▲", "worse": "▼", "inconclusive": "≈"}
MARK = SIGNS["inconclusive"]


def verdict_view(comparison: Comparison, test: Test = "all") -> View | None:
    """Return how each configuration stands against each other one; None without any pair."""
    pairs, found = comparison.pairs, comparison.pairs.of(test)
    if not found:
        return None
    known = {label for pair in found for label in (pair.first, pair.second)}
    labels = [group.label for group in comparison.groups if group.label in known]
    shown = labels[:MOST]
    lines = tuple(
        Line(first, tuple(_cell(pairs, first, second, test) for second in shown)) for first in shown
    )
    heads = tuple(Head(f"against {label}", words=True) for label in shown)
    if test == "clean":
        count = pairs.count(test="clean")
        notes = (
            _clean_note(found[0].images, count, a_twin(comparison.done)),
            *_cut(count, len(labels)),
        )
        return View("Verdicts on the clean test", "model", heads, lines, notes)
    return View("Verdicts", "model", heads, lines, tuple(_notes(pairs, len(labels))))


def _cut(count: int, configurations: int) -> list[str]:
    """Say that a table does not show all."""
    if configurations <= MOST:
        return []
    return [
        f"The {MOST} of {configurations} configurations with the highest accuracy; all "
        f"{count} pairs are in pairs.csv."
    ]


def _clean_note(images: int, count: int, twin: str) -> str:
    return (
        f"The same on the {images} test images without {twin} in training, a family of "
        f"its own{_corrected(count)}: who knows twins by heart is ahead on all test images, and "
        "perhaps not here."
    )


def ensemble_view(comparison: Comparison, test: Test = "all") -> View | None:
    """Return how each ensemble stands against single networks; None without any."""
    pairs = comparison.pairs
    found = [pair for pair in pairs.ensembles if pair.test == test]
    known = {pair.second for pair in found}
    labels = [group.label for group in comparison.groups if group.label in known]
    heads = labels[:MOST]
    # Of the same networks over other views one is judged.
    judged = {pair.first for pair in found}
    if not heads:
        return None
    lines = tuple(
        Line(row.label, tuple(_cell(pairs, row.label, head, test) for head in heads), "ensemble")
        for row in comparison.ensembles
        if row.label in judged
    )
    columns = tuple(Head(f"against {head}", words=True) for head in heads)
    count = len(found)
    if test == "clean":
        note = _clean_note(found[0].images, count, a_twin(comparison.done))
        notes = (note, *_cut(count, len(labels)))
        return View("Ensembles on the clean test", "model", columns, lines, notes)
    note = (
        "How an ensemble stands against one network of each model (that of the lowest seed) in "
        "test accuracy, by the exact McNemar test: the verdict, the difference in points, and its "
        f"p-value{_corrected(count)}."
    )
    if len(comparison.ensembles) > 1:
        note += " Ensembles against each other are in pairs.csv."
    notes = (note, *_cut(count, len(labels)))
    return View("Ensembles against single networks", "model", columns, lines, notes)


def _cell(pairs: Pairs, first: str, second: str, test: Test = "all") -> Cell:
    pair = pairs.between(first, second, test=test)
    if pair is None:
        return Cell()
    parts = [units.points(pair.value), units.chance(pair.p_holm)]
    if pair.subject == "weight files":
        parts.append("files")
    return Cell(f"{SIGNS[pair.verdict]} {pair.verdict}", ", ".join(parts), pair.value)


def _notes(pairs: Pairs, configurations: int) -> list[str]:
    count, subjects = pairs.count(), {pair.subject for pair in pairs.all}
    more = "UAR, macro-F1 and all intervals" if "models" in subjects else "The intervals"
    notes = [
        "How the model of a line stands against that of a column in test accuracy: the verdict, "
        f"the difference in points, and its p-value{_corrected(count)}. {more} are in pairs.csv."
    ]
    notes += _cut(count, configurations)
    if "models" in subjects:
        notes.append(
            "Three seeds or more each: the verdict is on models, by a bootstrap over images with "
            "the variance over seeds."
        )
    if "weight files" in subjects:
        notes.append(
            "Files: fewer than three seeds, so the verdict is on one weight file each, by the "
            "exact McNemar test, and says nothing of other seeds. It is the file of the lowest "
            "seed that both have, else of the lowest of each."
        )
    return [*notes, *pairs.left_out]


def _corrected(count: int) -> str:
    return f", corrected for {count} pairs (Holm)" if count > 1 else ""


def mark_alike(view: View, comparison: Comparison) -> View:
    """Mark the accuracy of what cannot be told from the best, and say what the mark means.

    A verdict on models marks the line over seeds, one on weight files the run whose file it is as
    well.
    """
    marked = set(_alike(comparison))
    place = [head.text for head in view.heads].index(ACCURACY)
    lines = tuple(
        replace(line, cells=_with_mark(line.cells, place)) if line.label in marked else line
        for line in view.lines
    )
    return replace(view, lines=lines, notes=(*view.notes, *_mark_notes(comparison, bool(marked))))


def _alike(comparison: Comparison) -> Iterator[str]:
    """Yield the labels of the lines that are marked."""
    for group in comparison.rivals[1:]:
        pair = comparison.pairs.between(group.label, comparison.rivals[0].label)
        if pair is None or pair.verdict != "inconclusive":
            continue
        if pair.subject == "models":
            yield summary_label(group)
        else:
            # Unmarked, a line over two seeds would read as one that can be told from the best.
            yield summary_label(group)
            yield from (r.label for r in group.rows if r.record.seed == pair.first_seeds[0])


def _with_mark(cells: tuple[Cell, ...], place: int) -> tuple[Cell, ...]:
    return (*cells[:place], _marked(cells[place]), *cells[place + 1 :])


def _marked(cell: Cell) -> Cell:
    """Put the mark behind the number and its deviation, or between number and interval."""
    if cell.note.startswith("±"):
        return cell._replace(note=f"{cell.note} {MARK}")
    return cell._replace(text=f"{cell.text} {MARK}")


def _mark_notes(comparison: Comparison, marked: bool) -> list[str]:
    pairs = comparison.pairs
    if marked:
        best = comparison.rivals[0].label
        against = (pairs.between(group.label, best) for group in comparison.rivals[1:])
        alike = [pair for pair in against if pair and pair.verdict == "inconclusive"]
        files = any(pair.subject == "weight files" for pair in alike)
        of_files = "; with fewer than three seeds, by one weight file of each" if files else ""
        return [
            f"{MARK}: in test accuracy not distinguishable from the best, {best}"
            f"{_corrected(pairs.count())}{of_files}."
        ]
    if pairs.left_out and not pairs.all:
        return ["No two models could be judged.", *pairs.left_out]
    return []
