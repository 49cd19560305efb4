"""A comparison written down as a folder of files, each of them whole or not there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence, Set
from contextlib import nullcontext
from pathlib import Path

import pandas as pd

from harness.report.beside import together
from harness.report.comparison import Comparison
from harness.report.disagreements import (
    Disagreements,
    disagreement_faces,
    disagreements_view,
    find_disagreements,
)
from harness.report.drawn import Plots, drawn, many
from harness.report.evidence import Reader, nothing, remembered
from harness.report.extras import NAMES as EXTRA
from harness.report.extras import extra_frames
from harness.report.html import render_html, render_run
from harness.report.judge import with_pairs
from harness.report.markdown import render_markdown
from harness.report.page import compose
from harness.report.pictures.draw import draw_all
from harness.report.run_page import compose_run, run_paths
from harness.report.staged import put, staged
from harness.report.tables import class_frame, comparison_frame, pair_frame, runs_json

PARTS = ("plots", "runs")  # The folders within a report's.
PLOT = re.compile(
    r"(accuracy-speed|curves)(-.*)?|confusion-.*|recall|generalisation-gap|reliability|robustness"
    r"|time-to-accuracy"
)


def write_report(
    comparison: Comparison,
    folder: Path,
    *,
    sections: Sequence[tuple[str, str]] = (),
    generated_at: str,
    evidence: Reader = nothing,
    plots: Plots | None = None,
) -> Path:
    """Write the report into a folder and return its ``index.html``.

    ``sections`` are headings with texts in Markdown, ``generated_at`` stands on the page as it is.
    ``evidence`` reads what a run left beside its record; the run's page and the pairs lack what it
    does not give. Pairs are judged unless they were, and plots made unless `drawn` is at it. All
    files are made before the first is written, ``index.html`` is written last, and what an earlier
    report had beyond this one is removed; files of others stay.
    """
    earlier = _ours(folder / "index.html")
    evidence = remembered(evidence)
    if not comparison.pairs.judged:
        comparison = with_pairs(comparison, evidence)
    apart = find_disagreements(comparison, evidence)
    links = run_paths(comparison)
    for row in comparison.rows:
        if not row.done:
            evidence(row.record)  # Those of the others were read: who warns, warns once.
    with (
        nullcontext(plots) if plots else drawn(comparison) as wait,
        staged(folder, PARTS) as new,
        together(
            lambda numbers: _write_runs(new, comparison, numbers, evidence, generated_at),
            len(comparison.rows),
            worth=many(comparison),
        ) as write_runs,
    ):
        texts = _tables(comparison, evidence, apart)
        pictures = draw_all(comparison)
        page = compose(
            comparison,
            (),  # They come last: who draws them may take longer than all of this.
            sections,
            generated_at,
            more=[disagreements_view(apart)],
            faces=disagreement_faces(apart),
        )
        page = dataclasses.replace(page, plots=wait())
        texts["report.md"] = render_markdown(page)
        texts["index.html"] = render_html(page, pictures, links)
        files = {f"plots/{plot.name}.png": plot.png for plot in page.plots}
        files["runs.json"] = runs_json(comparison)
        files |= {name: text.encode() for name, text in texts.items()}
        for name, content in files.items():
            (new / name).write_bytes(content)
        write_runs()
        names = [*links.values(), *files]
        for part in PARTS:
            (folder / part).mkdir(exist_ok=True)
        put(new, folder, names)
    if earlier:
        _remove_earlier(folder, set(names))
    return folder / "index.html"


def _remove_earlier(folder: Path, kept: Set[str]) -> None:
    """Remove what an earlier report had beyond this one."""
    earlier = [
        *map(folder.joinpath, EXTRA),
        *(path for path in (folder / "plots").glob("*.png") if PLOT.fullmatch(path.stem)),
        *filter(_ours, (folder / "runs").glob("*.html")),
    ]
    for path in earlier:
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink(missing_ok=True)


def _tables(
    comparison: Comparison, evidence: Reader, apart: Disagreements | None
) -> dict[str, str]:
    frames = {
        "comparison.csv": comparison_frame(comparison),
        "per_class.csv": class_frame(comparison),
        "pairs.csv": pair_frame(comparison),
        **extra_frames(comparison, evidence, apart),
    }
    return {name: _csv(frame) for name, frame in frames.items()}


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _write_runs(
    new: Path,
    comparison: Comparison,
    numbers: Iterable[int],
    evidence: Reader,
    generated_at: str,
) -> None:
    """Write the pages of the rows of these numbers."""
    links = run_paths(comparison)
    for row in map(comparison.rows.__getitem__, numbers):
        page = compose_run(comparison, row, evidence(row.record), generated_at)
        (new / links[row.label]).write_text(render_run(page), encoding="utf-8", newline="\n")


def _ours(path: Path) -> bool:
    """Whether there is this page and a report wrote it: the folder may hold others' files."""
    try:
        with path.open("rb") as file:
            return b'<meta name="generator" content="harness ' in file.read(1000)
    except OSError:
        return False
