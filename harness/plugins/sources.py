"""Where a plugin's code lies, and the hash of it: a run's key covers every source file."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType


def source_files(module: ModuleType) -> list[tuple[str, Path]]:
    """Return every ``.py`` of the module's top-level package, or its one file, sorted.

    Each stands beside its name within the package. A module that has no file (made in a test,
    say) has none.
    """
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    # A plugin that lives inside of the harness is its own subpackage, not the whole harness.
    if top.__name__ == "harness":
        top = module
    if getattr(top, "__path__", None):
        roots = [Path(folder) for folder in top.__path__]
        return sorted(
            (path.relative_to(root).as_posix(), path)
            for root in roots
            for path in root.rglob("*.py")
        )
    file = getattr(top, "__file__", None)
    return [(Path(file).name, Path(file))] if file else []


def source_hash(module: ModuleType) -> str:
    """Return the SHA-256 over names and contents of the plugin's source files."""
    digest = hashlib.sha256()
    for name, path in source_files(module):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
