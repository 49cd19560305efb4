"""Load a plugin that is not installed: ``-p module`` or ``-p path/to/file.py``."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from harness.errors import RequestError


def is_path(option: str) -> bool:
    """Whether a ``-p`` option names a file or folder, and not a module."""
    return option.endswith(".py") or "/" in option or "\\" in option


def absolute(option: str) -> str:
    """Return the option such that it means the same from any working folder."""
    return str(Path(option).resolve()) if is_path(option) else option


def load_local(option: str) -> ModuleType:
    """Import what a ``-p`` option names. Whatever the import raises goes through.

    Raises `RequestError` where a path does not exist.
    """
    if not is_path(option):
        return importlib.import_module(option)
    path = Path(option).resolve()
    if path.is_dir() and (path / "__init__.py").is_file():
        return _import_package(path)
    if not path.is_file():
        raise RequestError(
            f"-p {option}: there is no such plugin file; give a .py file or a module"
        )
    return _import_file(path)


def _import_package(path: Path) -> ModuleType:
    _add_to_path(path.parent)
    return importlib.import_module(path.name)


def _import_file(path: Path) -> ModuleType:
    _add_to_path(path.parent)
    # The name is prefixed so that a plugin my_net.py never hides a module my_net.
    name = f"harness_local_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RequestError(f"-p {path.name}: this is no Python file")
    module = importlib.util.module_from_spec(spec)
    # A dataclass with postponed annotations looks its module up while the body runs.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _add_to_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
