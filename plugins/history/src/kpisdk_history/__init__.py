"""KPIs over time: recorded, restated, alerted.

Names are looked up when they are first used: a plugin that only answers hooks loads no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpisdk_history.store import Store

__all__ = ["Store"]

_HOMES = {"Store": "kpisdk_history.store"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'kpisdk_history' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
