"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_filecache import plugin


class TestContract(PluginContract):
    """All checks of the plugin, its KPIs and its doors."""

    plugin = plugin
