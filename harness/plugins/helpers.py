"""The modules beside a plugin that it imports: a `layers.py`, a folder `blocks`."""

from __future__ import annotations

import ast
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

# The folders of plugins that were put on the end of the import path.
FOLDERS: list[str] = []
# Of these nothing beside a plugin is imported, whatever lies there.
NEVER = frozenset({*sys.stdlib_module_names, "harness"})
# What is no code of anybody's here; an environment, of any name, has a file pyvenv.cfg.
PASSED_OVER = {"__pycache__", "node_modules"}


def python_files(folder: Path) -> list[Path]:
    """Return the ``.py`` files below ``folder``, sorted: none hidden, none of an environment."""
    found, been = [], set()
    for place, folders, files in os.walk(folder, followlinks=True):
        # Imports follow links as well; one may lead back to where it stands.
        real = os.path.realpath(place)
        if real in been or "pyvenv.cfg" in files:
            folders.clear()
            continue
        been.add(real)
        folders[:] = [f for f in folders if not f.startswith(".") and f not in PASSED_OVER]
        paths = (Path(place, f) for f in files if f.endswith(".py") and not f.startswith("."))
        found += [path for path in paths if path.is_file()]
    return sorted(found)


def find_helpers(plugin: Path) -> dict[str, Path]:
    """Return by name the files and folders beside ``plugin`` that it imports, and what they import.

    ``plugin`` is a file or a package's folder. Found are ``import`` statements anywhere in the
    code, not what `importlib` is told. What is installed comes first, as in Python's own search.
    """
    # Resolved: the import path may name the same folder through a link.
    home = plugin.parent.resolve()
    before = [one for one in sys.path if one not in FOLDERS and Path(one).resolve() != home]
    found: dict[str, Path] = {}
    waiting = [plugin]
    while waiting:
        for name in sorted(_imported(waiting.pop()) - found.keys() - NEVER):
            place = _place(plugin.parent, name)
            if place is not None and place != plugin and not _is_elsewhere(name, before):
                found[name] = place
                waiting.append(place)
    return found


def _place(folder: Path, name: str) -> Path | None:
    """Return what ``import name`` finds in ``folder``: a package comes before a file."""
    package, file = folder / name, folder / f"{name}.py"
    if (package / "__init__.py").is_file():
        return package
    if file.is_file():
        return file
    # Without an __init__.py, too, a folder with code in it can be imported.
    return package if package.is_dir() and python_files(package) else None


def _is_elsewhere(name: str, path: list[str]) -> bool:
    """Whether an import finds a file for this name on ``path``; a mere folder gives way."""
    spec = PathFinder.find_spec(name, path)
    return spec is not None and spec.origin is not None


def _imported(place: Path) -> set[str]:
    """Return the top-level names that the code in a file or a folder imports absolutely."""
    names: set[str] = set()
    for file in python_files(place) if place.is_dir() else [place]:
        with suppress(OSError):  # Who reads it says so better.
            state = file.stat()
            names |= _names(file, state.st_mtime_ns, state.st_size)
    return names


@lru_cache(maxsize=10_000)  # A plan asks again for each of its runs.
def _names(file: Path, modified: int, size: int) -> frozenset[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Importing it says so better.
            tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(name.partition(".")[0] for name in _absolute(tree))


def _absolute(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
