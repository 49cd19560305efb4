"""Load a plugin that is not installed: ``-p module`` or ``-p path/to/file.py``."""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from harness.errors import PluginError, RequestError
from harness.plugins.helpers import FOLDERS, find_helpers
from harness.plugins.sources import source_hash

# Prefixed, so that a plugin my_net.py never hides a module my_net.
PREFIX = "harness_local_"

# All folders from which plugins have imported, also those that have left the import path since.
_homes: set[str] = set()
# The hash of the code of each plugin file that was executed, by the name of its module.
_codes: dict[str, str] = {}


def is_path(option: str) -> bool:
    """Whether a ``-p`` option names a file or folder, and not a module."""
    words = option.endswith(".py") or "/" in option or "\\" in option
    return words or _is_package(Path(option))


def absolute(option: str) -> str:
    """Return the option such that it means the same from any working folder."""
    return str(Path(option).resolve()) if is_path(option) else option


def check_option(option: str) -> None:
    """Raise `RequestError` where a ``-p`` option names a path at which no plugin can be."""
    path = Path(option)
    if not is_path(option) or _is_package(path) or (path.is_file() and path.suffix == ".py"):
        return
    raise RequestError(
        f"-p {option}: there is no such plugin; give a .py file, a folder with an __init__.py, "
        "or the name of a module"
    )


def load_local(option: str) -> ModuleType:
    """Import what a checked ``-p`` option names. Whatever the import raises goes through."""
    if not is_path(option):
        return importlib.import_module(option)
    path = Path(option).resolve()
    _make_home(path)
    return _import_package(path) if path.is_dir() else _import_file(path)


def come_home(options: Iterable[str]) -> None:
    """Let what a plugin of these ``-p`` options imports from now on be what lies beside it."""
    for option in filter(is_path, options):
        _make_home(Path(option).resolve())


def _make_home(path: Path) -> None:
    """Let imports find what lies beside this plugin before what lies beside others.

    Many have a ``model.py`` or ``layers.py``, and a process holds one module of a name: without
    this, a second plugin would get the first one's network.
    """
    own = {path.name: path} if path.is_dir() else {}
    for name, place in (own | find_helpers(path)).items():
        held = sys.modules.get(name)
        lies = _lies(held) if held else None
        if lies is not None and lies != place and str(lies.parent) in _homes:
            _drop(name)
    folder = str(path.parent)
    if folder not in sys.path:
        put_last([folder])
    if folder in FOLDERS:
        FOLDERS.sort(key=lambda one: one != folder)
        put_last(())


def put_last(entries: Iterable[str]) -> None:
    """Put entries of plugins on the import path, or those that are there behind all others.

    At the end: a plugin numpy.py must not hide numpy from everybody else.
    """
    # Whoever took one out of the path meant it.
    FOLDERS[:] = dict.fromkeys([*(one for one in FOLDERS if one in sys.path), *entries])
    _homes.update(FOLDERS)
    sys.path[:] = [*(one for one in sys.path if one not in FOLDERS), *FOLDERS]


def _lies(module: ModuleType) -> Path | None:
    """Return the file of a module, or the folder of a package."""
    # Not resolved: what a link is called is what differs between two plugins.
    places = [*getattr(module, "__path__", ()), getattr(module, "__file__", None)]
    return Path(places[0]) if places[0] else None


def _drop(name: str) -> None:
    """Forget a module with all below it; who holds it keeps it."""
    for one in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[one]


def forget(module: ModuleType) -> None:
    """Take the module of a plugin file that broke the contract out of ``sys.modules`` again."""
    if module.__name__.startswith(PREFIX):
        sys.modules.pop(module.__name__, None)


def _is_package(path: Path) -> bool:
    return (path / "__init__.py").is_file()


def _import_package(path: Path) -> ModuleType:
    if "." in path.name:
        raise PluginError(
            f"the name of the folder {path.name} holds a dot, with which no import can find it; "
            "rename the folder"
        )
    module = importlib.import_module(path.name)
    if path not in [Path(folder).resolve() for folder in getattr(module, "__path__", ())]:
        raise PluginError(
            f"another module is named {path.name!r}, and was imported instead; rename the folder"
        )
    return module


def _import_file(path: Path) -> ModuleType:
    """Execute a file as a module, unless that was done: what it registers may not be there twice.

    A file whose code, or that beside it, has changed since is executed again.
    """
    name = _module_name(path)
    held = sys.modules.get(name)
    if held is not None and _codes.get(name) == source_hash(held, helpers=True):
        return held
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a .py file has a loader"
    assert spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    # A dataclass with postponed annotations looks its module up while the body runs.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        forget(module)
        raise
    _codes[name] = source_hash(module, helpers=True)
    return module


def _module_name(path: Path) -> str:
    """Return the name for a plugin file: another one, in another folder, may have its name.

    It has no dot: ``net.v2`` would be a module of a package ``net``, and the source that of net.py.
    """
    name = PREFIX + path.stem.replace(".", "_")
    taken = sys.modules.get(name)
    if taken is None or taken.__file__ == str(path):
        return name
    return f"{name}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
