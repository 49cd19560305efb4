"""Data sets of plugins, written once to a cache."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from platformdirs import user_cache_path

from harness.contract import DatasetPlugin
from harness.contract.raised import reason_of
from harness.data.arrays import SPLITS, Unchecked
from harness.data.splits import Splits, open_splits
from harness.data.writing import MANIFEST, write_splits
from harness.errors import DataError, HarnessError, PluginError, RequestError, unknown
from harness.schema import Source


def materialise(
    plugin: DatasetPlugin, arguments: Mapping[str, Any], sha256: str
) -> tuple[Path, Splits]:
    """Return the folder that holds the plugin's data set, and the set, loaded if need be.

    ``sha256`` is that of the plugin's code: with other code, classes or arguments, the data set is
    another one. What was damaged since is written again. Several processes may ask at once: one
    writes, the others wait. Raises `RequestError` for an unknown argument, `PluginError` or
    `DataError` where the plugin fails or returns no data set, and `DataError` where the cache
    cannot be written.
    """
    chosen = _chosen(plugin, arguments)
    suffix = "" if chosen == plugin.arguments else f"-{_digest(chosen)}"
    made_of = _digest([sha256, plugin.classes, chosen])
    folder = user_cache() / "datasets" / f"{plugin.name}-{plugin.version}-{made_of}"
    found = _opened(folder)
    if found is None:
        with _locked(folder):
            found = _opened(folder)  # another process may have been quicker
            if found is None:
                _remove(folder)
                _write(plugin, chosen, folder, plugin.name + suffix)
    return folder, found or open_splits(folder)


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


def _digest(parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _opened(folder: Path) -> Splits | None:
    """Return what the cache holds, None where that is nothing, or damaged."""
    with suppress(DataError, OSError):
        if (folder / MANIFEST).is_file():
            return open_splits(folder)
    return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = FileLock(f"{folder}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise _not_writable(folder.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def _remove(folder: Path) -> None:
    """Make room for a data set: what lies there is damaged, or was never finished."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise _not_writable(folder, error) from error


def _not_writable(folder: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot write the cache {folder} ({error.strerror or error}); set HARNESS_CACHE to a "
        "folder that can be written"
    )


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
        # What a plugin prints is no part of what a command prints: that may be JSON.
        # A folder that it changes to must not become the one that results are seen from.
        with redirect_stdout(sys.stderr), chdir(os.curdir):
            loaded = plugin.load(**chosen)
    except HarnessError:  # meant for the user, and worded so
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's code may raise anything
        raise PluginError(f"dataset {plugin.name!r}: load raised {reason_of(error)}") from error
    found = sorted(map(str, loaded)) if isinstance(loaded, Mapping) else type(loaded).__name__
    if found != sorted(SPLITS):
        raise PluginError(
            f"dataset {plugin.name!r}: load returned {found}, expected a mapping with the keys "
            f"{', '.join(SPLITS)}, each a pair (images, labels)"
        )
    return {split: _pair(plugin, split, loaded) for split in SPLITS}


def _pair(
    plugin: DatasetPlugin, split: str, loaded: Mapping[str, Any]
) -> tuple[Unchecked, Unchecked]:
    try:
        images, labels = loaded[split]
        return np.asarray(images), np.asarray(labels)
    # A stranger's mapping may be lazy, and torch refuses to give what it keeps gradients of.
    except Exception as error:
        raise PluginError(
            f"dataset {plugin.name!r}: what load returned as {split!r} is no pair of arrays "
            f"(images, labels): {reason_of(error)}"
        ) from error
