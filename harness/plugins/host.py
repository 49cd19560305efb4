"""Discovery: load every plugin by itself, so that a broken one stops no other."""

from __future__ import annotations

import importlib
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from pydantic import ValidationError

from harness.contract import DatasetPlugin, ModelPlugin, hookspecs
from harness.errors import HarnessError, PluginError, RequestError, unknown
from harness.plugins.local import absolute, check_option, forget, is_path, load_local
from harness.plugins.sources import source_hash
from harness.schema import PluginCard, RunRecord, explain

GROUP = "harness"
HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("harness_"))
# A plugin may raise anything, and may call sys.exit.
WHATEVER_PLUGINS_RAISE = (Exception, SystemExit)


@dataclass(frozen=True)
class LoadedPlugin:
    """One row of `harness list`: what a plugin brought, or the reason why it could not load."""

    name: str
    source: str
    version: str | None = None
    module: ModuleType | None = None
    models: tuple[ModelPlugin, ...] = ()
    datasets: tuple[DatasetPlugin, ...] = ()
    error: str | None = None
    traceback: str | None = None

    def card(self) -> PluginCard:
        """Return what a record says of the plugin."""
        sha256 = source_hash(self.module) if self.module else ""
        return PluginCard(name=self.name, source=self.source, version=self.version, sha256=sha256)


class Host:
    """Every plugin that was found, the models and data sets they bring, and their hooks."""

    def __init__(self, manager: pluggy.PluginManager, plugins: Iterable[LoadedPlugin]) -> None:
        self._manager = manager
        self.plugins = tuple(sorted(plugins, key=lambda plugin: (plugin.name, plugin.source)))

    @property
    def failed(self) -> tuple[LoadedPlugin, ...]:
        """The plugins that could not be loaded."""
        return tuple(plugin for plugin in self.plugins if plugin.error)

    @property
    def models(self) -> list[tuple[ModelPlugin, LoadedPlugin]]:
        """Every model beside its plugin, by name."""
        pairs = [(model, plugin) for plugin in self.plugins for model in plugin.models]
        return sorted(pairs, key=lambda pair: (pair[0].name, pair[1].name))

    def conflicts(self) -> dict[str, tuple[str, ...]]:
        """Return the model names that several plugins bring, with those plugins' names."""
        owners = defaultdict(list)
        for model, plugin in self.models:
            owners[model.name].append(f"{plugin.name} ({plugin.source})")
        return {name: tuple(names) for name, names in owners.items() if len(names) > 1}

    def find_model(self, name: str) -> tuple[ModelPlugin, LoadedPlugin]:
        """Return the model of this name or alias, beside its plugin.

        Raises `RequestError` where there is none, or where two plugins bring it.
        """
        found = [pair for pair in self.models if pair[0].name == name]
        found = found or [pair for pair in self.models if name in pair[0].aliases]
        if not found:
            valid = [word for model, _ in self.models for word in (model.name, *model.aliases)]
            raise RequestError(unknown("model", name, valid) + self._broken())
        _refuse_several("model", name, [plugin for _, plugin in found])
        return found[0]

    def find_dataset(self, name: str) -> DatasetPlugin:
        """Return the data set of this name. Raises `RequestError` where there is none, or two."""
        pairs = [(dataset, plugin) for plugin in self.plugins for dataset in plugin.datasets]
        found = [pair for pair in pairs if pair[0].name == name]
        if not found:
            raise RequestError(
                f"--data {name}: there is no such folder, and no data set of that name; "
                + unknown("data set", name, [dataset.name for dataset, _ in pairs])
                + self._broken()
            )
        _refuse_several("data set", name, [plugin for _, plugin in found])
        return found[0][0]

    def _broken(self) -> str:
        """Say what could not be loaded: it may have brought what is missing."""
        return "".join(f"; plugin {p.name} failed to load: {p.error}" for p in self.failed)

    def notify(
        self, hook: str, warn: Callable[[str], None], **arguments: Any
    ) -> list[tuple[str, Any]]:
        """Call ``hook`` plugin by plugin, in order of their names; return names and results.

        An exception of one plugin goes to ``warn`` as a sentence and stops no other.
        """
        results = []
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        for implementation in sorted(implementations, key=lambda item: item.plugin_name):
            wanted = {name: arguments[name] for name in implementation.argnames}
            try:
                results.append((implementation.plugin_name, implementation.function(**wanted)))
            except WHATEVER_PLUGINS_RAISE as error:
                warn(f"{hook} of plugin {implementation.plugin_name} raised {_reason(error)}")
        return results

    def report_sections(
        self, records: Sequence[RunRecord], warn: Callable[[str], None]
    ) -> list[tuple[str, str]]:
        """Return the headings and texts that plugins add to a report."""
        sections: list[tuple[str, str]] = []
        hook = "harness_report_sections"
        for plugin, brought in self.notify(hook, warn, records=records):
            # A generator raises only now.
            try:
                sections += [(str(heading), str(text)) for heading, text in brought or ()]
            except WHATEVER_PLUGINS_RAISE as error:
                warn(f"{hook} of plugin {plugin} must return pairs of texts: {_reason(error)}")
        return sections


def _refuse_several(kind: str, name: str, plugins: Sequence[LoadedPlugin]) -> None:
    if len(plugins) > 1:
        owners = " and ".join(f"{plugin.name} ({plugin.source})" for plugin in plugins)
        raise RequestError(f"{kind} {name!r} is brought by {owners}; uninstall or drop one")


def discover(local: Sequence[str] = ()) -> Host:
    """Load the plugins of the entry-point group ``harness`` and those of the ``-p`` options.

    What fails to import, exits while it is imported or breaks the contract becomes a plugin with
    an ``error``. Raises `RequestError` where a ``-p`` path does not exist.
    """
    options = list(dict.fromkeys(absolute(option) for option in local))
    for option in local:
        check_option(option)
    manager = pluggy.PluginManager("harness")
    manager.add_hookspecs(hookspecs)
    plugins = [_load_entry_point(manager, entry) for entry in _entry_points()]
    plugins += [_load_option(manager, option) for option in options]
    return Host(manager, filter(None, plugins))


def _entry_points() -> list[metadata.EntryPoint]:
    # An editable install beside a wheel lists an entry point twice.
    unique = {(entry.name, entry.value): entry for entry in metadata.entry_points(group=GROUP)}
    return [unique[key] for key in sorted(unique)]


def _load_entry_point(
    manager: pluggy.PluginManager, entry: metadata.EntryPoint
) -> LoadedPlugin | None:
    source, version = entry.value, None
    if entry.dist is not None:
        source, version = entry.dist.name, entry.dist.version
    # An entry point may name an object in a module; the source is the module's all the same.
    return _load(
        manager,
        entry.name,
        source,
        version,
        lambda: (entry.load(), importlib.import_module(entry.module)),
    )


def _load_option(manager: pluggy.PluginManager, option: str) -> LoadedPlugin | None:
    name, source = (Path(option).stem, Path(option).name) if is_path(option) else (option, option)
    return _load(manager, name, source, None, lambda: (module := load_local(option), module))


def _load(
    manager: pluggy.PluginManager,
    name: str,
    source: str,
    version: str | None,
    load: Callable[[], tuple[Any, ModuleType]],
) -> LoadedPlugin | None:
    """Load one plugin; return None for one that is there already."""
    plugin = module = None
    try:
        plugin, module = load()
        if manager.is_registered(plugin):
            return None
        _register(manager, plugin, name)
        models = _collect(manager, plugin, "harness_models", ModelPlugin)
        datasets = _collect(manager, plugin, "harness_datasets", DatasetPlugin)
    except WHATEVER_PLUGINS_RAISE as error:
        if manager.is_registered(plugin):
            manager.unregister(plugin)
        if module is not None:
            forget(module)
        return LoadedPlugin(
            name, source, version, error=_reason(error), traceback=traceback.format_exc()
        )
    return LoadedPlugin(name, source, version, module, models, datasets)


def _register(manager: pluggy.PluginManager, plugin: Any, name: str) -> None:
    """Register a plugin, numbered where another one has its name."""
    names = (name if number == 1 else f"{name} {number}" for number in count(1))
    manager.register(plugin, next(free for free in names if not manager.has_plugin(free)))
    for caller in manager.get_hookcallers(plugin) or ():
        if not caller.has_spec():
            raise PluginError(unknown("hook", caller.name, HOOKS))


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


def _reason(error: BaseException) -> str:
    text = explain(error) if isinstance(error, ValidationError) else str(error)
    text = " ".join(text.split())
    if isinstance(error, HarnessError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
