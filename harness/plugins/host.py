"""The host: every plugin that was found, the models and data sets they bring, their hooks."""

from __future__ import annotations

import contextlib
import fnmatch
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy

from harness.contract import DatasetPlugin, ModelPlugin
from harness.contract.raised import reason_of
from harness.errors import RequestError, unknown
from harness.plugins.local import is_path
from harness.plugins.sources import source_hash
from harness.schema import Frozen

if TYPE_CHECKING:
    from harness.schema import PluginCard, RunRecord


@dataclass(frozen=True)
class LoadedPlugin:
    """One row of `harness list`: what a plugin brought, or the reason why it could not load.

    ``option`` is the ``-p`` option that named it, None for an entry point.
    """

    name: str
    source: str
    version: str | None = None
    module: ModuleType | None = None
    models: tuple[ModelPlugin, ...] = ()
    datasets: tuple[DatasetPlugin, ...] = ()
    error: str | None = None
    traceback: str | None = None
    option: str | None = None

    def card(self) -> PluginCard:
        """Return what a record says of the plugin.

        Raises `PluginError` where its code cannot be read.
        """
        from harness.schema import PluginCard  # No list of models needs the types of records.

        return PluginCard(
            name=self.name, source=self.source, version=self.version, sha256=self.sha256()
        )

    def sha256(self) -> str:
        """Return the hash of the plugin's code, empty for one that could not be loaded.

        Raises `PluginError` where its code cannot be read.
        """
        local = self.option is not None and is_path(self.option)
        return source_hash(self.module, helpers=local) if self.module else ""


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

    def match_models(self, pattern: str) -> list[str]:
        """Return the names of the models that a wildcard means; a plain name means itself.

        Raises `RequestError` where a wildcard matches no name.
        """
        if not set(pattern) & set("*?"):
            return [pattern]
        names = sorted({model.name for model, _ in self.models})
        matching = fnmatch.filter(names, pattern)
        if not matching:
            raise RequestError(f"no model matches {pattern!r}; there are: {', '.join(names)}")
        return matching

    def find_dataset(self, name: str) -> tuple[DatasetPlugin, LoadedPlugin]:
        """Return the data set of this name, beside its plugin.

        Raises `RequestError` where there is none, or where two plugins bring it.
        """
        pairs = [(dataset, plugin) for plugin in self.plugins for dataset in plugin.datasets]
        found = [pair for pair in pairs if pair[0].name == name]
        if not found:
            raise RequestError(
                f"{name}: there is no such folder, and no data set of that name; "
                + unknown("data set", name, [dataset.name for dataset, _ in pairs])
                + self._broken()
            )
        _refuse_several("data set", name, [plugin for _, plugin in found])
        return found[0]

    def _broken(self) -> str:
        """Say what could not be loaded: it may have brought what is missing."""
        return "".join(f"; plugin {p.name} failed to load: {p.error}" for p in self.failed)

    def notify(
        self, hook: str, warn: Callable[[str], None], **arguments: Any
    ) -> list[tuple[str, Any]]:
        """Call ``hook`` plugin by plugin, in order of their names; return names and results.

        An exception of one plugin goes to ``warn`` as a sentence and stops no other, and what it
        does to its arguments nobody else sees: they are copies.
        """
        results = []
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        for implementation in sorted(implementations, key=lambda item: item.plugin_name):
            try:
                wanted = {name: _copied(arguments[name]) for name in implementation.argnames}
                # A hook that changes the folder must not move where the results go.
                with contextlib.chdir(os.curdir):
                    results.append((implementation.plugin_name, implementation.function(**wanted)))
            except KeyboardInterrupt:
                raise
            # Not all that is raised is an Exception: asyncio's CancelledError is none.
            except BaseException as error:
                warn(f"{hook} of plugin {implementation.plugin_name} raised {reason_of(error)}")
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
                told = [(str(heading), str(text)) for heading, text in brought or ()]
                "".join(map("".join, told)).encode()  # What no file can hold is found out here.
                sections += told
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                warn(f"{hook} of plugin {plugin} must return pairs of texts: {reason_of(error)}")
        return sections


def _copied(value: Any) -> Any:
    """Return a copy of what is handed to hooks: a document, or a list of such."""
    if isinstance(value, Frozen):
        return value.model_copy(deep=True)
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value


def _refuse_several(kind: str, name: str, plugins: Sequence[LoadedPlugin]) -> None:
    if len(plugins) > 1:
        owners = " and ".join(f"{plugin.name} ({plugin.source})" for plugin in plugins)
        raise RequestError(f"{kind} {name!r} is brought by {owners}; uninstall or drop one")
