"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_causal import plugin


class TestContract(PluginContract):
    """Five KPIs, on stored effects."""

    plugin = plugin
    rows = 120
    parameters = {"CM-004": {"patient_id": "patient_id-0003"}}
