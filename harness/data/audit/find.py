"""Audits a data set: looks for twins, blanks and conflicts, or reads what was found before."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.data.audit.exact import blank_rows, first_alike
from harness.data.audit.findings import Files, Findings
from harness.data.audit.gallery import Gallery
from harness.data.audit.keep import read_audit, write_audit
from harness.data.audit.near import find_near
from harness.data.audit.relations import Relations
from harness.data.printable import printable
from harness.data.splits import Splits
from harness.data.writing import NAMES
from harness.schema import Audit

# Called with the fraction done, 0–1, often enough for a progress bar.
Progress = Callable[[float], None]


def ignore(part: float) -> None:
    """Show no progress."""


def find_audit(
    folder: Path, splits: Splits, *, progress: Progress = ignore, force: bool = False
) -> tuple[Audit, Path]:
    """Return the audit of the data that was opened from ``folder``, and where it is stored.

    What was found before by this method in these very data is read, unless ``force``. Raises
    `DataError` where an audit can be written nowhere.
    """
    stored = None if force else read_audit(folder, splits.fingerprint)
    if stored is not None:
        return stored
    findings = examine(splits, file_names(folder, splits), progress)
    audit = findings.audit()
    return audit, write_audit(folder, audit, findings.clean())


def examine(splits: Splits, files: Files, progress: Progress = ignore) -> Findings:
    """Look at every image, and compare each with all others."""
    gallery = Gallery(splits)
    alike = first_alike(gallery)
    progress(0.02)
    blank = blank_rows(gallery)
    progress(0.03)
    rows = np.flatnonzero((alike == np.arange(len(gallery))) & ~blank)
    near = find_near(gallery, rows, lambda part: progress(0.03 + 0.97 * part))
    return Findings(Relations(gallery, alike, near), blank, files)


def file_names(folder: Path, splits: Splits) -> Files:
    """Return the names of the images' own files by split, as far as they are known."""
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        known = {s: names[s] for s, count in splits.counts.items() if len(names[s]) == count}
        return {split: [printable(name) for name in known[split]] for split in known}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
