"""The cache in memory."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from kpisdk.builtin.caches.memory_cache import open_memory
from kpisdk.contracts.cache_backends import CacheEntry

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def entries(prefix, count):
    """Entries that live for a minute."""
    expires = NOW + timedelta(minutes=1)
    return tuple(CacheEntry(f"{prefix}-{i}", "BR-001", "x", expires) for i in range(count))


def test_memory_caches_are_separate():
    """Two caches in one process share nothing."""
    first, second = open_memory({}), open_memory({})
    first.put(entries("a", 1), NOW)

    assert second.get(("a-0",), NOW) == {}


def test_memory_cache_forgets_the_expired():
    """A put drops what has expired, so that a long-lived process does not grow for ever."""
    cache = open_memory({})
    cache.put(entries("old", 10), NOW)
    cache.put(entries("late", 0), NOW + timedelta(hours=1))

    # clear counts what is really held, expired entries included.
    assert cache.clear() == 0


def test_memory_cache_is_safe_for_threads():
    """Eight threads that write at once lose nothing."""
    cache = open_memory({})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: [cache.put((e,), NOW) for e in entries(n, 50)], range(8)))

    assert cache.info(NOW)["entries"] == 400
