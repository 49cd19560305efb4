"""The plugin host: discovery, isolation of what fails to load, selection by name."""

from harness.plugins.discovery import discover
from harness.plugins.host import Host, LoadedPlugin
from harness.plugins.selection import Choice, parse_options, parse_selection

__all__ = ["Choice", "Host", "LoadedPlugin", "discover", "parse_options", "parse_selection"]
