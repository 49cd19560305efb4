"""A comparison written down as a folder of files, each of them whole or not there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from harness.report.comparison import Comparison
from harness.report.html import render_html
from harness.report.markdown import render_markdown
from harness.report.page import compose
from harness.report.plots.draw import draw
from harness.report.tables import class_frame, comparison_frame, runs_json


def write_report(
    comparison: Comparison,
    folder: Path,
    *,
    sections: Sequence[tuple[str, str]] = (),
    generated_at: str,
) -> Path:
    """Write the report into a folder and return its ``index.html``.

    ``sections`` are headings with texts in Markdown, ``generated_at`` stands on the page as it is.
    All files are made before the first is written, ``index.html`` is written last, and plots of an
    earlier report are removed.
    """
    page = compose(comparison, draw(comparison), sections, generated_at)
    files = {f"plots/{plot.name}.png": plot.png for plot in page.plots}
    texts = {
        "comparison.csv": comparison_frame(comparison).to_csv(index=False, lineterminator="\n"),
        "per_class.csv": class_frame(comparison).to_csv(index=False, lineterminator="\n"),
        "runs.json": runs_json(comparison),
        "report.md": render_markdown(page),
        "index.html": render_html(page),
    }
    files |= {name: text.encode() for name, text in texts.items()}
    (folder / "plots").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _replace(folder / name, content)
    for path in (folder / "plots").glob("*.png"):
        if f"plots/{path.name}" not in files:
            path.unlink()
    return folder / "index.html"


def _replace(path: Path, content: bytes) -> None:
    """Write a file under another name first, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
