"""The contracts that kpisdk asks of every plugin, and of every kind of source."""

from kpisdk.testing import PluginContract, SourceContract
from kpisdk_demo import plugin


class TestContract(PluginContract):
    """A kind of source and a command; it brings no KPIs."""

    plugin = plugin


class TestSource(SourceContract):
    """Rows that are made when they are first read."""

    kind = next(iter(plugin.kpisdk_sources()))
    table = "triggers"

    def location(self, folder, frames, datasets):
        """The smallest demo, of a fixed day."""
        return "demo:?scale=0.01&seed=7&end=2026-03-01"
