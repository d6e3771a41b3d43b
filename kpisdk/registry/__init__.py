"""The registry: what the installed plugins bring, by name, and who brought it."""

from kpisdk.registry.clashes import Clash, DatasetClashError, KpiConflictError
from kpisdk.registry.dictionary import (
    FIELDS,
    DictionaryError,
    dictionary_of,
    dictionary_row,
    is_written_in,
)
from kpisdk.registry.fingerprint import fingerprint
from kpisdk.registry.providers import Provider
from kpisdk.registry.registry import Registry
from kpisdk.registry.selection import AmbiguousNameError, SelectionError

__all__ = [
    "FIELDS",
    "AmbiguousNameError",
    "Clash",
    "DatasetClashError",
    "DictionaryError",
    "KpiConflictError",
    "Provider",
    "Registry",
    "SelectionError",
    "dictionary_of",
    "dictionary_row",
    "fingerprint",
    "is_written_in",
]
