"""Discovery: load every plugin by itself, so that a broken one stops no other."""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from harness.contract import DatasetPlugin, ModelPlugin, hookspecs
from harness.errors import HarnessError, RequestError, unknown
from harness.plugins.local import is_path, load_local
from harness.plugins.sources import source_hash
from harness.schema import PluginCard, RunRecord

GROUP = "harness"


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
            broken = "".join(f"; plugin {p.name} failed to load: {p.error}" for p in self.failed)
            raise RequestError(unknown("model", name, valid) + broken)
        if len(found) > 1:
            owners = " and ".join(f"{plugin.name} ({plugin.source})" for _, plugin in found)
            raise RequestError(f"model {name!r} is brought by {owners}; uninstall or drop one")
        return found[0]

    def find_dataset(self, name: str) -> DatasetPlugin:
        """Return the data set of this name. Raises `RequestError` where there is none, or two."""
        datasets = [dataset for plugin in self.plugins for dataset in plugin.datasets]
        found = [dataset for dataset in datasets if dataset.name == name]
        if not found:
            raise RequestError(
                f"--data {name}: there is no such folder, and no data set of that name; "
                + unknown("data set", name, [dataset.name for dataset in datasets])
            )
        if len(found) > 1:
            raise RequestError(f"data set {name!r} is brought by two plugins; drop one")
        return found[0]

    def notify(self, hook: str, warn: Callable[[str], None], **arguments: Any) -> list[Any]:
        """Call ``hook`` plugin by plugin, in order of their names, and return the results.

        An exception of one plugin goes to ``warn`` as a sentence and stops no other.
        """
        results = []
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        for implementation in sorted(implementations, key=lambda item: item.plugin_name):
            wanted = {name: arguments[name] for name in implementation.argnames}
            try:
                results.append(implementation.function(**wanted))
            except Exception as error:
                warn(f"{hook} of plugin {implementation.plugin_name} raised {_reason(error)}")
        return results

    def report_sections(
        self, records: Sequence[RunRecord], warn: Callable[[str], None]
    ) -> list[tuple[str, str]]:
        """Return the headings and texts that plugins add to a report."""
        sections: list[tuple[str, str]] = []
        for brought in self.notify("harness_report_sections", warn, records=records):
            try:
                sections += [(str(heading), str(text)) for heading, text in brought]
            except (TypeError, ValueError):
                warn(f"harness_report_sections must return pairs of texts, not {brought!r}")
        return sections


def discover(local: Sequence[str] = ()) -> Host:
    """Load the plugins of the entry-point group ``harness`` and those of the ``-p`` options.

    What fails to import, exits while it is imported or breaks the contract becomes a plugin with
    an ``error``. Raises `RequestError` where a ``-p`` path does not exist.
    """
    manager = pluggy.PluginManager("harness")
    manager.add_hookspecs(hookspecs)
    plugins = [_load_entry_point(manager, entry) for entry in _entry_points()]
    plugins += [_load_option(manager, option) for option in local]
    return Host(manager, plugins)


def _entry_points() -> list[metadata.EntryPoint]:
    # An editable install beside a wheel lists an entry point twice.
    unique = {(entry.name, entry.value): entry for entry in metadata.entry_points(group=GROUP)}
    return [unique[key] for key in sorted(unique)]


def _load_entry_point(manager: pluggy.PluginManager, entry: metadata.EntryPoint) -> LoadedPlugin:
    source, version = entry.value, None
    if entry.dist is not None:
        source, version = entry.dist.name, entry.dist.version
    return _load(manager, entry.name, source, version, entry.load)


def _load_option(manager: pluggy.PluginManager, option: str) -> LoadedPlugin:
    name, source = (Path(option).stem, Path(option).name) if is_path(option) else (option, option)
    return _load(manager, name, source, None, lambda: load_local(option))


def _load(
    manager: pluggy.PluginManager,
    name: str,
    source: str,
    version: str | None,
    load: Callable[[], Any],
) -> LoadedPlugin:
    module = None
    try:
        module = load()
        manager.register(module, name=name)
        manager.check_pending()
        models = _collect(manager, module, "harness_models", ModelPlugin)
        datasets = _collect(manager, module, "harness_datasets", DatasetPlugin)
    except RequestError:
        raise
    # A plugin may raise anything, and may call sys.exit while it is imported.
    except (Exception, SystemExit) as error:
        if module is not None and manager.is_registered(module):
            manager.unregister(module)
        return LoadedPlugin(
            name, source, version, error=_reason(error), traceback=traceback.format_exc()
        )
    return LoadedPlugin(name, source, version, module, models, datasets)


def _collect(manager: pluggy.PluginManager, module: Any, hook: str, kind: type[Any]) -> Any:
    """Call one hook of one plugin and return what it brings, checked, as a tuple."""
    implementations = [
        item for item in getattr(manager.hook, hook).get_hookimpls() if item.plugin is module
    ]
    brought: list[Any] = []
    for implementation in implementations:
        result = implementation.function()
        if isinstance(result, kind) or not isinstance(result, Iterable):
            raise TypeError(f"{hook} must return a list of {kind.__name__}, not {result!r}")
        brought += result
    wrong = [item for item in brought if not isinstance(item, kind)]
    if wrong:
        raise TypeError(f"{hook} must return {kind.__name__}, not {wrong[0]!r}")
    return tuple(brought)


def _reason(error: BaseException) -> str:
    if isinstance(error, HarnessError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
