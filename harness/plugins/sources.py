"""Where a plugin's code lies, and the hash of it: a run's key covers every source file."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType


def source_files(module: ModuleType) -> list[Path]:
    """Return every ``.py`` of the module's top-level package, or its one file, sorted.

    A module that has no file (made in a test, say) has none.
    """
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    # A plugin that lives inside of the harness is its own subpackage, not the whole harness.
    if top.__name__ == "harness":
        top = module
    if getattr(top, "__path__", None):
        roots = [Path(folder) for folder in top.__path__]
        return sorted(path for root in roots for path in root.rglob("*.py"))
    return [Path(top.__file__)] if top.__file__ else []


def source_hash(module: ModuleType) -> str:
    """Return the SHA-256 over names and contents of the plugin's source files."""
    digest = hashlib.sha256()
    for path in source_files(module):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
