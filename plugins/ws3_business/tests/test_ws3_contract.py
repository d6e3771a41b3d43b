"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_ws3_business import plugin


class TestContract(PluginContract):
    """Ten KPIs, on rows made from their declarations."""

    plugin = plugin
    rows = 120
