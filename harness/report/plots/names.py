"""Names of files made from labels."""

from __future__ import annotations

import re
from collections.abc import Iterable


def file_names(labels: Iterable[str]) -> list[str]:
    """Turn labels into names of files that are safe anywhere, and all different."""
    names: list[str] = []
    for label in labels:
        name = stem = re.sub(r"[^a-z0-9.]+", "-", label.lower()).strip("-.")[:80]
        number = 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
