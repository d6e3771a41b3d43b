"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_demo import plugin


class TestContract(PluginContract):
    """A kind of source and a command; it brings no KPIs."""

    plugin = plugin
