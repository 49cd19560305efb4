"""The version of the harness that runs, with the commit where it runs from a checkout."""

import subprocess
from pathlib import Path

import harness

ROOT = Path(harness.__file__).resolve().parents[1]


def revision(root: Path = ROOT) -> str:
    """Return the version like ``0.1.0+g0107d49a``, with ``.dirty`` where files differ from it.

    The commit is that of ``root``, if that is a checkout and git is there; else the version is all
    that is known.
    """
    if not (root / ".git").exists():
        return harness.__version__
    commit = _git(root, "rev-parse", "--short=8", "HEAD")
    if not commit:
        return harness.__version__
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", "harness")
    return f"{harness.__version__}+g{commit}{'.dirty' if changed else ''}"


def _git(root: Path, *words: str) -> str:
    # Without the lock that `git status` takes: somebody may be committing.
    command = ["git", "--no-optional-locks", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
