"""The modules beside a plugin that it imports: a `layers.py`, a folder `blocks`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# Of other modules of the same names nothing beside a plugin is imported: they come first.
NEVER = frozenset({*sys.stdlib_module_names, "harness"})


def python_files(folder: Path) -> list[Path]:
    """Return the ``.py`` files below ``folder``, sorted, less what editors hide there."""
    return sorted(
        path
        for path in folder.rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def find_helpers(plugin: Path) -> dict[str, Path]:
    """Return by name the files and folders beside ``plugin`` that it imports, and what they import.

    ``plugin`` is a file or a package's folder. Found are ``import`` statements anywhere in the
    code, not what `importlib` is told.
    """
    found: dict[str, Path] = {}
    waiting = [plugin]
    while waiting:
        for name in sorted(_imported(waiting.pop())):
            place = _place(plugin.parent, name)
            if place is not None and place != plugin and name not in found:
                found[name] = place
                waiting.append(place)
    return found


def _place(folder: Path, name: str) -> Path | None:
    """Return what ``import name`` finds in ``folder``: a package comes before a file."""
    package, file = folder / name, folder / f"{name}.py"
    if name in NEVER:
        return None
    if (package / "__init__.py").is_file():
        return package
    if file.is_file():
        return file
    # Without an __init__.py, too, a folder with code in it can be imported.
    return package if package.is_dir() and python_files(package) else None


def _imported(place: Path) -> set[str]:
    """Return the top-level names that the code in a file or a folder imports absolutely."""
    files = python_files(place) if place.is_dir() else [place]
    return {name.partition(".")[0] for file in files for name in _names(file)}


def _names(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # Importing it says so better.
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
