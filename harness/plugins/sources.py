"""Where a plugin's code lies, and the hash of it: a run's key covers every source file."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType

from harness.errors import PluginError
from harness.plugins.helpers import find_helpers, python_files


def source_files(module: ModuleType, *, helpers: bool = False) -> list[tuple[str, Path]]:
    """Return every ``.py`` of the module's top-level package, or its one file, sorted.

    Each stands beside its name within the package. ``helpers`` adds what the code imports from
    beside it, which is for plugins that are not installed. A module that has no file (made in a
    test, say) has none.
    """
    package, dot, _ = module.__name__.partition(".")
    # Under the name of a top-level module there may be another plugin's by now.
    top = sys.modules.get(package, module) if dot else module
    # A plugin that lives inside of the harness is its own subpackage, not the whole harness.
    if top.__name__ == "harness":
        top = module
    roots = [Path(folder) for folder in getattr(top, "__path__", None) or ()]
    if not roots and not getattr(top, "__file__", None):
        return []
    places = roots or [Path(str(top.__file__))]
    found = [pair for place in places for pair in _within(place, place)]
    if helpers:
        beside = [place for root in places for place in find_helpers(root).values()]
        found += [pair for place in beside for pair in _within(place, place.parent)]
    return sorted(found)


def _within(place: Path, root: Path) -> list[tuple[str, Path]]:
    """Return the files of a folder by their names below ``root``, or a file by its name."""
    if not place.is_dir():
        return [(place.name, place)]
    return [(path.relative_to(root).as_posix(), path) for path in python_files(place)]


def source_hash(module: ModuleType, *, helpers: bool = False) -> str:
    """Return the SHA-256 over names and contents of the plugin's source files.

    Raises `PluginError` where one of them cannot be read.
    """
    digest = hashlib.sha256()
    for name, path in source_files(module, helpers=helpers):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PluginError(f"its source {path} cannot be read: {error.strerror}") from error
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
