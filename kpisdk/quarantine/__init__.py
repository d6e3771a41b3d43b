"""The code of plugins runs in here, and whatever it does, the host goes on."""

from kpisdk.quarantine.contained_calls import contained
from kpisdk.quarantine.exception_text import described, words_of
from kpisdk.quarantine.plugin_faults import PluginFaultError, PluginTimeoutError
from kpisdk.quarantine.process_state import as_left
from kpisdk.quarantine.workers import has_abandoned

__all__ = [
    "PluginFaultError",
    "PluginTimeoutError",
    "as_left",
    "contained",
    "described",
    "has_abandoned",
    "words_of",
]
