"""Train, evaluate and time image classifiers under one honest protocol.

Names are exported lazily, so that ``import harness`` loads neither torch nor numpy.
"""

from typing import TYPE_CHECKING

from harness.lazy import lazily

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

__getattr__ = lazily(__name__, _EXPORTS)
