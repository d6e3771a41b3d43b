"""What keeps results: a cache, its entries, and the kind of it that a plugin brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import attrs


@attrs.frozen
class CacheEntry:
    """A stored text under a key, with the KPI it belongs to and the instant it expires."""

    key: str
    kpi_id: str
    text: str
    expires: datetime


class Cache(Protocol):
    """A store of results. It raises ``CacheError`` and nothing else; the engine then goes on."""

    def get(self, keys: tuple[str, ...], now: datetime) -> Mapping[str, str]:
        """The texts of those keys that are stored and not expired at ``now``."""
        ...

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        """Store entries; expired ones may be dropped on the way."""
        ...

    def clear(self, kpi_id: str | None = None) -> int:
        """Drop the entries of one KPI, or all; the number dropped."""
        ...

    def info(self, now: datetime) -> Mapping[str, Any]:
        """What ``kpisdk cache info`` prints: location, entries, bytes, oldest expiry."""
        ...


@attrs.frozen
class CacheBackend:
    """A kind of cache that a plugin brings; ``open`` receives the ``[cache]`` settings table."""

    name: str
    open: Callable[[Mapping[str, Any]], Cache]
