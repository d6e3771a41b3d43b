"""A cache in Redis, shared by several machines (extra ``kpisdk[redis]``)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import attrs

from kpisdk.builtin.caches.stored_instants import from_micros, to_micros
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.contracts.time_windows import utc
from kpisdk.errors import CacheError, MissingDependencyError, Problem, SettingsError

SCHEMA_VERSION = 1
"""Version of what a value holds; it is part of every name, so that versions live side by side."""

_PREFIX = f"kpisdk:{SCHEMA_VERSION}:"
_AT_ONCE = 500  # names in one command: enough to be fast, few enough to let others in between


@attrs.frozen
class _Stored:
    """What a name holds: the entry without its key. Redis forgets it by a clock of its own."""

    expires: int
    kpi_id: str
    text: str

    def dumped(self) -> str:
        return json.dumps([self.expires, self.kpi_id, self.text])


@attrs.frozen
class RedisCache:
    """Entries under names that start with ``kpisdk:1:``; ``location`` is the URL without secrets.

    ``client`` is a ``redis.Redis`` that returns bytes. It is not annotated as one: the type takes
    an argument in the stubs of redis-py 4 and none in the types that redis-py 5 and later bring.
    Redis drops entries by itself when their time is over. Whether one is expired is still decided
    by the caller's ``now``, as in every backend. What somebody else wrote under one of our names is
    no entry: it is not read, and a put replaces it.
    """

    client: Any = attrs.field(repr=False)
    location: str

    def get(self, keys: tuple[str, ...], now: datetime) -> dict[str, str]:
        """The texts of those keys that are stored and not expired at ``now``.

        Raises:
            CacheError: the server cannot be reached.
        """
        moment = to_micros(now)
        with self._faults("read"):
            found = {
                key: stored
                for start in range(0, len(keys), _AT_ONCE)
                for key, stored in self._read(keys[start : start + _AT_ONCE]).items()
            }
        return {key: stored.text for key, stored in found.items() if stored.expires > moment}

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        """Store entries for as long as they have to live from ``now``; expired ones are left out.

        Raises:
            CacheError: the server cannot be reached, or refuses to write.
        """
        with self._faults("write"):
            pipeline = self.client.pipeline(transaction=False)
            for entry in entries:
                seconds = math.ceil((utc(entry.expires) - utc(now)).total_seconds())
                name = _PREFIX + entry.key
                if seconds <= 0:
                    # What is stored under the key is superseded, even if by nothing.
                    pipeline.delete(name)
                    continue
                stored = _Stored(to_micros(entry.expires), entry.kpi_id, entry.text)
                pipeline.set(name, stored.dumped(), ex=seconds)
            pipeline.execute()

    def clear(self, kpi_id: str | None = None) -> int:
        """Drop the entries of one KPI, or all; the number dropped.

        Raises:
            CacheError: the server cannot be reached.
        """
        dropped = 0
        with self._faults("clear"):
            for keys in self._keys():
                found = self._read(keys)
                chosen = [key for key in found if found[key].kpi_id == kpi_id]
                names = [_PREFIX + key for key in (keys if kpi_id is None else chosen)]
                dropped += int(self.client.delete(*names)) if names else 0
        return dropped

    def info(self, now: datetime) -> dict[str, Any]:
        """Location, number of live entries, bytes of their texts, oldest expiry.

        Raises:
            CacheError: the server cannot be reached.
        """
        moment, live = to_micros(now), dict[str, _Stored]()
        with self._faults("read"):
            for keys in self._keys():
                found = self._read(keys)
                live |= {key: stored for key, stored in found.items() if stored.expires > moment}
        oldest = min((stored.expires for stored in live.values()), default=None)
        return {
            "backend": "redis",
            "location": self.location,
            "entries": len(live),
            "bytes": sum(len(each.text.encode("utf-8", "surrogatepass")) for each in live.values()),
            "oldest_expiry": None if oldest is None else from_micros(oldest),
        }

    def _keys(self) -> Iterator[tuple[str, ...]]:
        """All keys, a part at a time; names that SCAN gives twice are harmless to its users."""
        chunk: list[str] = []
        for name in self.client.scan_iter(match=f"{_PREFIX}*", count=_AT_ONCE):
            chunk.append(name.decode("utf-8", "surrogateescape").removeprefix(_PREFIX))
            if len(chunk) == _AT_ONCE:
                yield tuple(chunk)
                chunk = []
        yield tuple(chunk)

    def _read(self, keys: tuple[str, ...]) -> dict[str, _Stored]:
        if not keys:
            return {}
        raws = self.client.mget([_PREFIX + key for key in keys])
        pairs = ((key, _parsed(raw)) for key, raw in zip(keys, raws, strict=True))
        return {key: stored for key, stored in pairs if stored is not None}

    @contextmanager
    def _faults(self, action: str) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError, UnicodeError) as error:
            raise self._error(action, str(error).rstrip(".")) from error

    def _error(self, action: str, cause: str) -> CacheError:
        advice = "Check that the server runs, and url under [cache] in the settings."
        return CacheError(self.location, action, cause, advice)


def _parsed(raw: bytes | None) -> _Stored | None:
    """The entry of a value; ``None`` where it is none of ours."""
    try:
        values = None if raw is None else json.loads(raw)
    except (ValueError, RecursionError):
        return None
    match values:
        case [int(expires), str(kpi_id), str(text)] if not isinstance(expires, bool):
            return _Stored(expires, kpi_id, text)
        case _:
            return None


def open_redis(settings: Mapping[str, Any]) -> RedisCache:
    """The cache at ``url`` of the ``[cache]`` table; no connection is made yet.

    Raises:
        MissingDependencyError: redis-py is not installed.
        SettingsError: ``url`` is missing or no URL of Redis.
    """
    try:
        from redis import Redis
    except ImportError as error:
        install = "pip install 'kpisdk[redis]'"
        raise MissingDependencyError("redis", "The redis cache", install) from error
    # The URL and what redis-py says of it are kept out of the error, and out of its cause: they may
    # hold a password, even where the URL is broken.
    what = "must be a URL such as redis://host:6379/0, rediss://… or unix:///run/redis.sock"
    refusal = SettingsError("The settings", [Problem("cache.url", what)])
    url = settings.get("url")
    if not isinstance(url, str):
        raise refusal
    try:
        client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    except (ValueError, TypeError):
        raise refusal from None
    return RedisCache(client, _without_secrets(client))


def _without_secrets(client: Any) -> str:
    options = client.connection_pool.connection_kwargs
    base = options.get("db") or 0
    if "path" in options:
        return f"unix://{options['path']}?db={base}"
    return f"redis://{options.get('host', 'localhost')}:{options.get('port', 6379)}/{base}"
