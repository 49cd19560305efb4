"""Discovery: load every plugin by itself, so that a broken one stops no other."""

from __future__ import annotations

import dataclasses
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib import metadata
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from harness.contract import DatasetPlugin, ModelPlugin, hookspecs
from harness.contract.raised import reason_of
from harness.errors import PluginError, unknown
from harness.plugins.host import Host, LoadedPlugin
from harness.plugins.local import absolute, check_option, forget, is_path, load_local, put_last

GROUP = "harness"
DISABLED = "HARNESS_DISABLED_PLUGINS"
HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("harness_"))


def discover(local: Sequence[str] = ()) -> Host:
    """Load the plugins of the entry-point group ``harness`` and those of the ``-p`` options.

    Entry points whose names stand, parted by commas, in the environment variable
    ``HARNESS_DISABLED_PLUGINS`` are left out.

    What fails to import, exits while it is imported or breaks the contract becomes a plugin with
    an ``error``. Raises `RequestError` where a ``-p`` path does not exist.
    """
    options = list(dict.fromkeys(absolute(option) for option in local))
    for option in local:
        check_option(option)
    manager = pluggy.PluginManager("harness")
    manager.add_hookspecs(hookspecs)
    described = cache(_described)
    plugins = [_load_entry_point(manager, entry, described) for entry in _entry_points()]
    plugins += [_load_option(manager, option) for option in options]
    return Host(manager, filter(None, plugins))


def _entry_points() -> list[metadata.EntryPoint]:
    # An editable install beside a wheel lists an entry point twice.
    unique = {(entry.name, entry.value): entry for entry in metadata.entry_points(group=GROUP)}
    disabled = {name.strip() for name in os.environ.get(DISABLED, "").split(",")}
    return [unique[key] for key in sorted(unique) if key[0] not in disabled]


def _described(distribution: metadata.Distribution) -> tuple[str, str]:
    """Return the name and the version; each reading parses a README, and plugins share it."""
    about = distribution.metadata
    return about["Name"], about["Version"]


def _load_entry_point(
    manager: pluggy.PluginManager,
    entry: metadata.EntryPoint,
    described: Callable[[metadata.Distribution], tuple[str, str]],
) -> LoadedPlugin | None:
    source, version = described(entry.dist) if entry.dist is not None else (entry.value, None)
    # An entry point may name an object in a module; the source is the module's all the same.
    found = LoadedPlugin(entry.name, source, version)
    return _load(manager, found, lambda: (entry.load(), importlib.import_module(entry.module)))


def _load_option(manager: pluggy.PluginManager, option: str) -> LoadedPlugin | None:
    name, source = (Path(option).stem, Path(option).name) if is_path(option) else (option, option)
    found = LoadedPlugin(name, source, option=option)
    return _load(manager, found, lambda: (module := load_local(option), module))


def _load(
    manager: pluggy.PluginManager,
    found: LoadedPlugin,
    load: Callable[[], tuple[Any, ModuleType]],
) -> LoadedPlugin | None:
    """Load one plugin; return None for one that is there already."""
    plugin = module = None
    try:
        # What a plugin prints is no part of what a command prints: that may be JSON.
        with redirect_stdout(sys.stderr), _undisturbed():
            plugin, module = load()
            if manager.is_registered(plugin):
                return None
            _register(manager, plugin, found.name)
            loaded = dataclasses.replace(
                found,
                module=module,
                models=_collect(manager, plugin, "harness_models", ModelPlugin),
                datasets=_collect(manager, plugin, "harness_datasets", DatasetPlugin),
            )
        loaded.sha256()  # Code that cannot be read is this plugin's failure, not that of a plan.
    except KeyboardInterrupt:
        raise
    # Not all that is raised at an import is an Exception: pytest's Skipped is none.
    except BaseException as error:
        if manager.is_registered(plugin):
            manager.unregister(plugin)
        if module is not None:
            forget(module)
        return dataclasses.replace(found, error=reason_of(error), traceback=traceback.format_exc())
    return loaded


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Take back what a plugin does to the process that others share.

    The working folder is what relative paths of the command are seen from. What it adds to the
    import path stays, for what it imports later, but behind what others import.
    """
    folder, path = Path.cwd(), list(sys.path)
    try:
        yield
    finally:
        os.chdir(folder)
        put_last(entry for entry in sys.path if entry not in path)


def _register(manager: pluggy.PluginManager, plugin: Any, name: str) -> None:
    """Register a plugin, numbered where another one has its name."""
    names = (name if number == 1 else f"{name} {number}" for number in count(1))
    manager.register(plugin, next(free for free in names if not manager.has_plugin(free)))
    callers = manager.get_hookcallers(plugin) or ()
    marked = {caller.name for caller in callers}
    for hook in HOOKS:
        if hook not in marked and callable(getattr(plugin, hook, None)):
            raise PluginError(f"{hook} lacks @hookimpl above it (from harness import hookimpl)")
    for caller in callers:
        if not caller.has_spec():
            raise PluginError(unknown("hook", caller.name, HOOKS))
        for item in caller.get_hookimpls():
            if item.plugin is plugin and (item.wrapper or item.hookwrapper):
                raise PluginError(
                    f"{caller.name} is a wrapper, and every hook is called by itself: there is "
                    "nothing to wrap; leave wrapper=True out, and return instead of yielding"
                )


def _collect(manager: pluggy.PluginManager, plugin: Any, hook: str, kind: type[Any]) -> Any:
    """Call one hook of one plugin and return what it brings, checked, as a tuple."""
    implementations = [
        item for item in getattr(manager.hook, hook).get_hookimpls() if item.plugin is plugin
    ]
    brought: list[Any] = []
    for implementation in implementations:
        result = implementation.function()
        if isinstance(result, kind) or not isinstance(result, Iterable):
            raise PluginError(f"{hook} must return a list of {kind.__name__}, not {result!r}")
        brought += result
    wrong = [item for item in brought if not isinstance(item, kind)]
    if wrong:
        raise PluginError(f"{hook} must return {kind.__name__}, not {wrong[0]!r}")
    return tuple(brought)
