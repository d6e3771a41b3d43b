"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_ws2_triggers import plugin


class TestContract(PluginContract):
    """Eight KPIs, on rows made from their declarations."""

    plugin = plugin
