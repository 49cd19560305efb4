"""Data sets of plugins, written once to a cache."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from platformdirs import user_cache_path

from harness.contract import DatasetPlugin
from harness.data.arrays import SPLITS, Unchecked
from harness.data.writing import MANIFEST, write_splits
from harness.errors import DataError, PluginError, RequestError, unknown
from harness.schema import Source

VERSION = re.compile(r"[A-Za-z0-9._+-]+")


def materialise(plugin: DatasetPlugin, arguments: Mapping[str, Any]) -> Path:
    """Return the folder that holds the plugin's data set, loading and writing it if need be.

    Several processes may ask at once: one writes, the others wait. Raises `RequestError` for an
    unknown argument, `PluginError` or `DataError` where the plugin fails or returns no data set,
    and `DataError` where the cache cannot be written.
    """
    chosen = _chosen(plugin, arguments)
    suffix = "" if chosen == plugin.arguments else f"-{_digest(chosen)}"
    folder = user_cache() / "datasets" / f"{plugin.name}-{_version(plugin)}{suffix}"
    if (folder / MANIFEST).is_file():
        return folder
    with _locked(folder):
        if not (folder / MANIFEST).is_file():  # another process may have been quicker
            _write(plugin, chosen, folder, plugin.name + suffix)
    return folder


def user_cache() -> Path:
    """Return the folder for what can be made again: the user's, or ``HARNESS_CACHE``."""
    given = os.environ.get("HARNESS_CACHE")
    return Path(given) if given else user_cache_path("harness")


def _chosen(plugin: DatasetPlugin, arguments: Mapping[str, Any]) -> dict[str, Any]:
    for name in arguments:
        if name not in plugin.arguments:
            raise RequestError(
                unknown(f"argument of dataset {plugin.name}", name, plugin.arguments)
            )
    return {**plugin.arguments, **arguments}


def _digest(chosen: Mapping[str, Any]) -> str:
    text = json.dumps(chosen, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _version(plugin: DatasetPlugin) -> str:
    if not isinstance(plugin.version, str) or not VERSION.fullmatch(plugin.version):
        raise PluginError(
            f"version {plugin.version!r} of dataset {plugin.name!r} must be letters, digits, '.', "
            "'_', '+' or '-', since it is part of a folder's name"
        )
    return plugin.version


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = FileLock(f"{folder}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise DataError(
            f"cannot write the cache {folder.parent} ({error.strerror or error}); set "
            "HARNESS_CACHE to a folder that can be written"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _write(plugin: DatasetPlugin, chosen: Mapping[str, Any], folder: Path, name: str) -> None:
    listed = ",".join(f"{key}={value}" for key, value in chosen.items())
    write_splits(
        folder,
        _load(plugin, chosen),
        name=name,
        classes=plugin.classes,
        source=Source(name=f"{plugin.name}[{listed}]", form=f"plugin {plugin.version}"),
        synthetic=plugin.synthetic,
    )


def _load(
    plugin: DatasetPlugin, chosen: Mapping[str, Any]
) -> dict[str, tuple[Unchecked, Unchecked]]:
    try:
        loaded = plugin.load(**chosen)
    except (Exception, SystemExit) as error:  # a stranger's code may raise anything
        raise PluginError(
            f"dataset {plugin.name!r}: load raised {type(error).__name__}: {error}"
        ) from error
    found = sorted(map(str, loaded)) if isinstance(loaded, Mapping) else type(loaded).__name__
    if found != sorted(SPLITS):
        raise PluginError(
            f"dataset {plugin.name!r}: load returned {found}, expected a mapping with the keys "
            f"{', '.join(SPLITS)}, each a pair (images, labels)"
        )
    return {split: _pair(plugin, split, loaded[split]) for split in SPLITS}


def _pair(plugin: DatasetPlugin, split: str, pair: Any) -> tuple[Unchecked, Unchecked]:
    try:
        images, labels = pair
        return np.asarray(images), np.asarray(labels)
    except (TypeError, ValueError) as error:
        raise PluginError(
            f"dataset {plugin.name!r}: load returned {type(pair).__name__} as {split!r}, expected "
            "a pair of arrays (images, labels)"
        ) from error
