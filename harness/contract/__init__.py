"""The contract with plugins: what they bring, and the hooks by which they are asked."""

from harness.contract.dataset import DatasetPlugin
from harness.contract.hookspecs import hookimpl
from harness.contract.model import ModelPlugin

__all__ = ["DatasetPlugin", "ModelPlugin", "hookimpl"]
