"""A cache in the memory of the process: nothing to set up, gone when the process ends."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.contracts.time_windows import utc


@attrs.define(eq=False)
class MemoryCache:
    """Entries in a dictionary, shared by the threads of one process."""

    _entries: dict[str, CacheEntry] = attrs.field(init=False, factory=dict)
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    def get(self, keys: tuple[str, ...], now: datetime) -> dict[str, str]:
        """The texts of those keys that are stored and not expired at ``now``."""
        with self._lock:
            found = [self._entries[key] for key in keys if key in self._entries]
        return {entry.key: entry.text for entry in found if _lives(entry, now)}

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        """Store entries and drop all expired ones, so that a long-lived process does not grow."""
        with self._lock:
            self._entries.update({entry.key: entry for entry in entries})
            self._entries = {
                key: entry for key, entry in self._entries.items() if _lives(entry, now)
            }

    def clear(self, kpi_id: str | None = None) -> int:
        """Drop the entries of one KPI, or all; the number dropped, expired ones included."""
        with self._lock:
            kept = {
                key: entry
                for key, entry in self._entries.items()
                if kpi_id is not None and entry.kpi_id != kpi_id
            }
            dropped = len(self._entries) - len(kept)
            self._entries = kept
        return dropped

    def info(self, now: datetime) -> dict[str, Any]:
        """Location, number of live entries, bytes of their texts (UTF-8), oldest expiry."""
        with self._lock:
            live = [entry for entry in self._entries.values() if _lives(entry, now)]
        return {
            "backend": "memory",
            "location": "memory of this process",
            "entries": len(live),
            "bytes": sum(len(entry.text.encode("utf-8", "surrogatepass")) for entry in live),
            "oldest_expiry": min((utc(entry.expires) for entry in live), default=None),
        }


def open_memory(settings: Mapping[str, Any]) -> MemoryCache:
    """A new, empty cache; ``[cache]`` has nothing to say about it."""
    del settings
    return MemoryCache()


def _lives(entry: CacheEntry, now: datetime) -> bool:
    return utc(entry.expires) > utc(now)
