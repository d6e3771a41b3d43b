"""KPIs over time: recorded, restated, alerted.

Names are looked up when they are first used: a plugin that only answers hooks loads no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpisdk_history.alerts.channels import AlertChannel
    from kpisdk_history.alerts.digests import AlertChange, Digest
    from kpisdk_history.recording import Recording, record
    from kpisdk_history.store import Store
    from kpisdk_history.timeline import History, history

__all__ = [
    "AlertChange",
    "AlertChannel",
    "Digest",
    "History",
    "Recording",
    "Store",
    "history",
    "record",
]

_HOMES = {
    "AlertChange": "kpisdk_history.alerts.digests",
    "AlertChannel": "kpisdk_history.alerts.channels",
    "Digest": "kpisdk_history.alerts.digests",
    "History": "kpisdk_history.timeline",
    "Recording": "kpisdk_history.recording",
    "Store": "kpisdk_history.store",
    "history": "kpisdk_history.timeline",
    "record": "kpisdk_history.recording",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'kpisdk_history' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
