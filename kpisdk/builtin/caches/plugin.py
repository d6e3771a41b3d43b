"""The plugin of the built-in caches: the hook and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpisdk.contracts.cache_backends import Cache, CacheBackend
from kpisdk.hookspecs import hookimpl


@hookimpl
def kpisdk_caches() -> Iterator[CacheBackend]:
    """Memory, an SQLite file, Redis."""
    yield CacheBackend("memory", _memory)
    yield CacheBackend("sqlite", _sqlite)
    yield CacheBackend("redis", _redis)


# Imported on opening: sqlite3 loads a shared library that a listing of caches has no use for.
def _memory(settings: Mapping[str, Any]) -> Cache:
    from kpisdk.builtin.caches.memory_cache import open_memory

    return open_memory(settings)


def _sqlite(settings: Mapping[str, Any]) -> Cache:
    from kpisdk.builtin.caches.sqlite_cache import open_sqlite

    return open_sqlite(settings)


def _redis(settings: Mapping[str, Any]) -> Cache:
    from kpisdk.builtin.caches.redis_cache import open_redis

    return open_redis(settings)
