"""`DatasetPlugin`: a data set that a plugin brings by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.contract.callables import check_name, check_summary, is_text, keyword_arguments
from harness.errors import PluginError

if TYPE_CHECKING:
    import numpy as np

VERSION = re.compile(r"[A-Za-z0-9._+-]+")


@dataclass(frozen=True, kw_only=True)
class DatasetPlugin:
    """A data set that code brings; the harness writes it once to its cache and reads it there.

    Parameters
    ----------
    name
        Unique name for ``--data``, matching ``[a-z0-9][a-z0-9._-]*``.
    load
        ``load(**arguments)`` returns ``{"train": (images, labels), "valid": …, "test": …}`` with
        images ``uint8 (N, H, W)`` or ``(N, H, W, C)`` and integer labels ``(N,)``. Every argument
        needs a default; users set it by ``name[argument=value]``.
    classes
        The class names, by label: a tuple of different texts.
    version
        Letters, digits and ``.``, ``_``, ``+``, ``-``: part of the cache's name. Raise it whenever
        the arrays change for a reason that lies outside of the plugin's own code, which is hashed.
    synthetic
        True for data that no camera has seen; every table made from it says so.
    """

    name: str
    load: Callable[..., Mapping[str, tuple[np.ndarray, np.ndarray]]]
    classes: tuple[str, ...]
    version: str
    summary: str = ""
    synthetic: bool = False

    def __post_init__(self) -> None:
        check_name("dataset", self.name)
        check_summary("dataset", self.name, self.summary)
        check_classes(self.name, self.classes)
        if not callable(self.load):
            raise PluginError(f"load of dataset {self.name!r} must be a function")
        if not isinstance(self.version, str) or not VERSION.fullmatch(self.version):
            raise PluginError(
                f"version of dataset {self.name!r} must be a str of letters, digits, '.', '_', "
                f"'+' or '-', since it is part of a folder's name, not {self.version!r}"
            )
        if not isinstance(self.synthetic, bool):
            raise PluginError(
                f"synthetic of dataset {self.name!r} must be True or False, not {self.synthetic!r}"
            )
        keyword_arguments(self.load, positional=0)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of ``load`` that users may set, with their defaults."""
        return keyword_arguments(self.load, positional=0)


def check_classes(dataset: str, classes: object) -> None:
    """Raise `PluginError` unless ``classes`` is a tuple or list of different texts."""
    if not isinstance(classes, tuple | list) or not all(map(is_text, classes)):
        raise PluginError(f"classes of dataset {dataset!r} must be a tuple of str, not {classes!r}")
    twice = [name for name in classes if classes.count(name) > 1]
    if twice:
        raise PluginError(f"classes of dataset {dataset!r} name {twice[0]!r} twice")
