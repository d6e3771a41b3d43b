"""What the installed plugins bring, by name, and who brought it.

The dictionary and fingerprints are modules of their own (``registry.dictionary``,
``registry.fingerprint``), imported by those who need them.
"""

from kpisdk.registry.clashes import Clash, DatasetClashError, KpiConflictError
from kpisdk.registry.registry import Registry
from kpisdk.registry.selection import AmbiguousNameError, SelectionError, UnheardKpiError

__all__ = [
    "AmbiguousNameError",
    "Clash",
    "DatasetClashError",
    "KpiConflictError",
    "Registry",
    "SelectionError",
    "UnheardKpiError",
]
