"""The contract that kpisdk asks of every plugin."""

from kpisdk.testing import PluginContract
from kpisdk_brand import plugin


class TestContract(PluginContract):
    """Five KPIs; what the joins of the plugin look for is said here."""

    plugin = plugin
    values = {
        "diagnosis": ["CSU", "Chronic Spontaneous Urticaria", "PNH", "breast cancer", None],
        "drug_class": ["antihistamine", "H1_Blocker", "complement inhibitor", None],
        "treatment_response": ["inadequate", "Refractory", "controlled", None],
        "event_type": ["prescription", "lab_test", "visit", None],
        "test_type": ["complement", "C3", "blood count", None],
        "brand": ["Kisqali", "Remibrutinib", "Fabhalta", None],
    }
