"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_ws1_quality import plugin


class TestContract(PluginContract):
    """Eighteen KPIs, on rows made from their declarations."""

    plugin = plugin
    rows = 120
    values = {"insurance_type": ["public", "private", None]}
    skip = {
        "missing_values": {
            "WS1-DQ-005": "it measures what is missing: 0 is the completeness of blank columns"
        }
    }
