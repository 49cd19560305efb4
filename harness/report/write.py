"""A comparison written down as a folder of files, each of them whole or not there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.report.comparison import Comparison
from harness.report.evidence import Reader, nothing
from harness.report.html import render_html, render_run
from harness.report.markdown import render_markdown
from harness.report.page import compose
from harness.report.pictures.draw import draw_all
from harness.report.plots.draw import draw
from harness.report.robustness_table import robustness_frame
from harness.report.run_page import compose_run, run_paths
from harness.report.tables import class_frame, comparison_frame, runs_json


def write_report(
    comparison: Comparison,
    folder: Path,
    *,
    sections: Sequence[tuple[str, str]] = (),
    generated_at: str,
    evidence: Reader = nothing,
) -> Path:
    """Write the report into a folder and return its ``index.html``.

    ``sections`` are headings with texts in Markdown, ``generated_at`` stands on the page as it is.
    ``evidence`` reads what a run left beside its record; the run's page lacks what it does not
    give. All files are made before the first is written, ``index.html`` is written last, and plots
    and pages of runs of an earlier report are removed.
    """
    page = compose(comparison, draw(comparison), sections, generated_at)
    files = {f"plots/{plot.name}.png": plot.png for plot in page.plots}
    links = run_paths(comparison)
    texts = {
        **_run_pages(comparison, links, evidence, generated_at),
        "comparison.csv": comparison_frame(comparison).to_csv(index=False, lineterminator="\n"),
        "per_class.csv": class_frame(comparison).to_csv(index=False, lineterminator="\n"),
        "runs.json": runs_json(comparison),
        "report.md": render_markdown(page),
        "index.html": render_html(page, draw_all(comparison), links),
    }
    robustness = robustness_frame(comparison)
    if robustness is not None:
        texts["robustness.csv"] = robustness.to_csv(index=False, lineterminator="\n")
    files |= {name: text.encode() for name, text in texts.items()}
    for name in ("plots", "runs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _replace(folder / name, content)
    earlier = [*(folder / "plots").glob("*.png"), *filter(_ours, (folder / "runs").glob("*.html"))]
    for path in [*earlier, *folder.glob("robustness.csv")]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    return folder / "index.html"


def _run_pages(
    comparison: Comparison, links: Mapping[str, str], evidence: Reader, generated_at: str
) -> dict[str, str]:
    return {
        links[row.label]: render_run(
            compose_run(comparison, row, evidence(row.record), generated_at)
        )
        for row in comparison.rows
    }


def _ours(path: Path) -> bool:
    """Whether a report wrote this page: no other file of a folder named `runs` is touched."""
    with path.open("rb") as file:
        return b'<meta name="generator" content="harness ' in file.read(1000)


def _replace(path: Path, content: bytes) -> None:
    """Write a file under another name first, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
