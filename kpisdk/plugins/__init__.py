"""How plugins are found, registered through one manager, and called one at a time."""

from kpisdk.plugins.checking import PluginRefusedError
from kpisdk.plugins.discovery import BUILTINS, Candidate, core_version
from kpisdk.plugins.loading import LoadedPlugins, load_plugins
from kpisdk.plugins.records import PATIENCE, Plugin, PluginState

__all__ = [
    "BUILTINS",
    "PATIENCE",
    "Candidate",
    "LoadedPlugins",
    "Plugin",
    "PluginRefusedError",
    "PluginState",
    "core_version",
    "load_plugins",
]
