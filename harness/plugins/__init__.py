"""The plugin host: discovery, isolation of what fails to load, selection by name."""

from harness.plugins.discovery import discover
from harness.plugins.host import Host, LoadedPlugin
from harness.plugins.local import come_home
from harness.plugins.selection import Choice, parse_options, parse_selection

__all__ = [
    "Choice",
    "Host",
    "LoadedPlugin",
    "come_home",
    "discover",
    "parse_options",
    "parse_selection",
]
