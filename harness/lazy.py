"""Names that a package exports without loading the modules that they come from."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, exports: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's ``__getattr__``: it imports what is asked for from its module.

    ``exports`` are modules by the names that they hold.
    """

    def get(name: str) -> Any:  # Any: whatever the module exports.
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(exports[name]), name)

    return get
