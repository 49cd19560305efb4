"""Train, evaluate and time image classifiers under one honest protocol.

Names are exported lazily, so that ``import harness`` loads neither torch nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.contract import DatasetPlugin, ModelPlugin, hookimpl
    from harness.schema import Augment, Recipe
    from harness.tensors.loaders import SplitDataset, data_loader

__version__ = "0.1.0"

_EXPORTS = {
    "Augment": "harness.schema",
    "DatasetPlugin": "harness.contract",
    "ModelPlugin": "harness.contract",
    "Recipe": "harness.schema",
    "SplitDataset": "harness.tensors.loaders",
    "data_loader": "harness.tensors.loaders",
    "hookimpl": "harness.contract",
}

__all__ = [
    "Augment",
    "DatasetPlugin",
    "ModelPlugin",
    "Recipe",
    "SplitDataset",
    "data_loader",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name]), name)
